; Installer for Windows, for one user or for all. Build:
;   makensis -DVERSION=0.1.0 -DBUNDLE=path\to\dist\cxr-desktop -DICON=path\to\cxr-desktop.ico -DOUT=setup.exe cxr-desktop.nsi
; Silent: setup.exe /S [/AllUsers | /CurrentUser] [/D=C:\folder]; uninstall: uninstall.exe /S [/AllUsers | /CurrentUser]
; Exit codes: 0 done, 2 no 64-bit Windows, 3 the program is running, 4 no rights to install for all users.
; An earlier version in the same place is replaced. Readings, settings and models of the users are never touched.

Unicode true
SetCompressor /SOLID lzma
!define NAME "CXR Desktop"
!define KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\CXRDesktop"
!define TYPE "CXRDesktop.DICOM"
!define PACK "CXRDesktop.Pack"

!define MULTIUSER_EXECUTIONLEVEL Highest
!define MULTIUSER_MUI
!define MULTIUSER_INSTALLMODE_COMMANDLINE
!define MULTIUSER_INSTALLMODE_INSTDIR "CXR Desktop"
!define MULTIUSER_INSTALLMODE_DEFAULT_CURRENTUSER
!define MULTIUSER_USE_PROGRAMFILES64
; An upgrade goes where the earlier version is, and is for whom that one was.
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_KEY "${KEY}"
!define MULTIUSER_INSTALLMODE_INSTDIR_REGISTRY_VALUENAME "InstallLocation"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_KEY "${KEY}"
!define MULTIUSER_INSTALLMODE_DEFAULT_REGISTRY_VALUENAME "InstallLocation"
!include MultiUser.nsh
!include MUI2.nsh
!include x64.nsh
!include FileFunc.nsh

Var Asked ; the folder of /D

Name "${NAME}"
OutFile "${OUT}"
!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!insertmacro MUI_PAGE_WELCOME
!insertmacro MULTIUSER_PAGE_INSTALLMODE
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!define MUI_FINISHPAGE_RUN "$INSTDIR\CXR Desktop.exe"
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

Function .onInit
  ${IfNot} ${RunningX64}
    MessageBox MB_OK|MB_ICONSTOP "CXR Desktop needs a 64-bit Windows." /SD IDOK
    SetErrorLevel 2
    Quit
  ${EndIf}
  SetRegView 64
  ; MultiUser puts its own folder in the place of /D, and asks in a dialog even where nobody looks.
  StrCpy $Asked $INSTDIR
  ${If} ${Silent}
    Call RefuseSilently
  ${EndIf}
  !insertmacro MULTIUSER_INIT
  ${If} $Asked != ""
    StrCpy $INSTDIR $Asked
  ${EndIf}
FunctionEnd

; For all users without the rights to it: an exit code instead of MultiUser's dialog.
Function RefuseSilently
  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/AllUsers" $1
  ${If} ${Errors}
    Return
  ${EndIf}
  UserInfo::GetAccountType
  Pop $0
  ${If} $0 != "Admin"
  ${AndIf} $0 != "Power"
    SetErrorLevel 4
    Quit
  ${EndIf}
FunctionEnd

Function un.onInit
  SetRegView 64
  !insertmacro MULTIUSER_UNINIT
FunctionEnd

; A running program keeps its file open: writing or removing it would fail half-way.
!macro REQUIRE_CLOSED FILE
  ${If} ${FileExists} "$INSTDIR\${FILE}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${FILE}" a
    ${If} ${Errors}
      MessageBox MB_OK|MB_ICONSTOP "CXR Desktop is running. Close it and start again." /SD IDOK
      SetErrorLevel 3
      Quit
    ${EndIf}
    FileClose $0
  ${EndIf}
!macroend

Section "CXR Desktop"
  !insertmacro REQUIRE_CLOSED "CXR Desktop.exe"
  !insertmacro REQUIRE_CLOSED "cxr-desktop.exe"
  ${If} ${FileExists} "$INSTDIR\CXR Desktop.exe"
    RMDir /r "$INSTDIR\_internal" ; files that the new version no longer has
  ${EndIf}
  SetOutPath "$INSTDIR"
  File /r "${BUNDLE}\*"
  WriteUninstaller "$INSTDIR\uninstall.exe"

  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\CXR Desktop.exe"
  WriteRegStr SHCTX "${KEY}" "DisplayName" "${NAME}"
  WriteRegStr SHCTX "${KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr SHCTX "${KEY}" "DisplayIcon" "$INSTDIR\CXR Desktop.exe"
  WriteRegStr SHCTX "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr SHCTX "${KEY}" "UninstallString" '"$INSTDIR\uninstall.exe" /$MultiUser.InstallMode'
  WriteRegStr SHCTX "${KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S /$MultiUser.InstallMode'
  WriteRegDWORD SHCTX "${KEY}" "NoModify" 1
  WriteRegDWORD SHCTX "${KEY}" "NoRepair" 1

  ; Offered under 'Open with'; what opens DICOM files by a double click stays as it was.
  WriteRegStr SHCTX "Software\Classes\${TYPE}" "" "DICOM image"
  WriteRegStr SHCTX "Software\Classes\${TYPE}\shell\open\command" "" '"$INSTDIR\CXR Desktop.exe" open "%1"'
  WriteRegStr SHCTX "Software\Classes\.dcm\OpenWithProgids" "${TYPE}" ""
  WriteRegStr SHCTX "Software\Classes\.dicom\OpenWithProgids" "${TYPE}" ""
  ; Case packs and their readings belong to this program alone.
  WriteRegStr SHCTX "Software\Classes\${PACK}" "" "Case pack of CXR Desktop"
  WriteRegStr SHCTX "Software\Classes\${PACK}\shell\open\command" "" '"$INSTDIR\CXR Desktop.exe" open "%1"'
  WriteRegStr SHCTX "Software\Classes\.cxrpack" "" "${PACK}"
  WriteRegStr SHCTX "Software\Classes\.cxrread" "" "${PACK}"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd

Section "Uninstall"
  !insertmacro REQUIRE_CLOSED "CXR Desktop.exe"
  !insertmacro REQUIRE_CLOSED "cxr-desktop.exe"
  RMDir /r "$INSTDIR\_internal"
  Delete "$INSTDIR\CXR Desktop.exe"
  Delete "$INSTDIR\cxr-desktop.exe"
  Delete "$INSTDIR\LICENCES.html"
  Delete "$INSTDIR\sbom.cdx.json"
  Delete "$INSTDIR\files.sha256"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  DeleteRegKey SHCTX "${KEY}"
  DeleteRegKey SHCTX "Software\Classes\${TYPE}"
  DeleteRegKey SHCTX "Software\Classes\${PACK}"
  DeleteRegKey SHCTX "Software\Classes\.cxrpack"
  DeleteRegKey SHCTX "Software\Classes\.cxrread"
  DeleteRegValue SHCTX "Software\Classes\.dcm\OpenWithProgids" "${TYPE}"
  DeleteRegValue SHCTX "Software\Classes\.dicom\OpenWithProgids" "${TYPE}"
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
SectionEnd

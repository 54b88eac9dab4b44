; Installer for Windows, for one user or for all. Build:
;   makensis -DVERSION=0.1.0 -DBUNDLE=path\to\dist\cxr-desktop -DICON=path\to\cxr-desktop.ico -DOUT=setup.exe cxr-desktop.nsi
; Silent: setup.exe /S [/AllUsers | /CurrentUser] [/D=C:\folder]; uninstall: uninstall.exe /S
; NSIS makes installers of up to 2 GB: the cuda edition is handed out as an archive of its folder instead.
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
  !insertmacro MULTIUSER_INIT
FunctionEnd

Function un.onInit
  SetRegView 64
  !insertmacro MULTIUSER_UNINIT
FunctionEnd

Section "CXR Desktop"
  ; A running program keeps its file open: writing it would fail half-way.
  ${If} ${FileExists} "$INSTDIR\CXR Desktop.exe"
    ClearErrors
    FileOpen $0 "$INSTDIR\CXR Desktop.exe" a
    ${If} ${Errors}
      MessageBox MB_OK|MB_ICONSTOP "CXR Desktop is running. Close it and start the installer again." /SD IDOK
      SetErrorLevel 3
      Quit
    ${EndIf}
    FileClose $0
    RMDir /r "$INSTDIR\_internal" ; files that the new version no longer has
  ${EndIf}
  SetOutPath "$INSTDIR"
  File /r "${BUNDLE}/*"
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

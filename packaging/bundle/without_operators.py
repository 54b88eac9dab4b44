"""Start-up hook of a bundle whose torchvision has no compiled operators, as beside a CPU build of torch.

torchvision registers shapes for `torchvision::nms` on import and fails where that operator was
never defined. Networks that classify use none of these operators, so the registration is left out.
"""

import sys
from types import ModuleType

sys.modules["torchvision._meta_registrations"] = ModuleType("torchvision._meta_registrations")

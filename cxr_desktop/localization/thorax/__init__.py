"""Where a frontal chest radiograph shows what: air round the body, lungs, heart, lettering. numpy and scipy alone."""

"""How Sphinx builds these pages: `make docs`."""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_ext"))
os.environ.setdefault("COLUMNS", "96")
os.environ.setdefault("NO_COLOR", "1")

import lowcap  # noqa: E402 - the extensions' folder comes first

project = "lowcap"
author = "The lowcap authors"
project_copyright = "The lowcap authors"
release = version = lowcap.__version__

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "myst_parser",
    "sphinx_gallery.gen_gallery",
    "sphinx_copybutton",
    "sphinx_design",
    "generated",
    "references",
]
source_suffix = {".md": "markdown", ".rst": "restructuredtext"}
exclude_patterns = [
    "_ext",
    "examples",
    "gallery/*.py",
    "gallery/*.ipynb",
    "gallery/*.md5",
    "_build",
]
templates_path = []

suppress_warnings = ["config.cache"]
nitpicky = True

myst_enable_extensions = ["colon_fence", "deflist", "dollarmath", "attrs_inline"]
myst_heading_anchors = 3
default_role = "code"  # docstrings write `name` as Markdown does

UNSEEN = ", ".join(
    ["__init__", "__new__", *(f"set_{w}_request" for w in ("fit", "predict", "score"))]
)
"""Members that are no part of the reference; scikit-learn documents its own."""

autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "exclude-members": UNSEEN}
autodoc_preserve_defaults = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False
napoleon_use_rtype = False
napoleon_use_ivar = True

sphinx_gallery_conf = {
    "examples_dirs": "examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"plot_",
    "within_subsection_order": "FileNameSortKey",
    "download_all_examples": False,
    "show_memory": False,
    "show_signature": False,
    "write_computation_times": False,
    "remove_config_comments": True,
    "abort_on_example_error": False,
    "only_warn_on_example_error": False,
    "plot_gallery": True,
    "image_srcset": ["2x"],
    "reference_url": {},
    "copyfile_regex": r"",
    "default_thumb_file": str(HERE / "steps.png"),
    "min_reported_time": 1e9,
}

copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

html_theme = "pydata_sphinx_theme"
html_title = "lowcap"
html_static_path = ["_static"]
html_css_files = ["lowcap.css"]
html_show_sourcelink = False
html_theme_options = {
    "show_prev_next": True,
    "navigation_with_keys": True,
    "navbar_align": "left",
    "show_toc_level": 2,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "show_version_warning_banner": False,
    "header_links_before_dropdown": 6,
}

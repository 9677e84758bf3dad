// Everything that every page needs. Each module binds itself to data attributes; none holds state of the page.
import "./toast.js";
import "./menu.js";
import "./dialog.js";
import "./autosubmit.js";
import "./poll.js";
import "./carry.js";
import "./fetch_errors.js";
import "./faults.js";
import "./focus.js";
import "./once.js";
import "./tabs.js";

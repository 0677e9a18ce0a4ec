# JupyterLab for one analyst on one machine: nothing listens, loads or stays that need not.
from cases.workbench.outputs import strip_outputs

c = get_config()  # noqa: F821

c.ServerApp.ip = "127.0.0.1"
c.ServerApp.allow_remote_access = False
c.ServerApp.terminals_enabled = False
c.ServerApp.quit_button = True
# Whatever a page holds, the browser asks no other machine for anything.
c.ServerApp.tornado_settings = {
    "headers": {
        "Content-Security-Policy": "default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; "
        "connect-src 'self' ws://127.0.0.1:* data: blob:; frame-ancestors 'self'"
    }
}
c.KernelManager.transport = "ipc"
c.MappingKernelManager.cull_idle_timeout = 3600
c.MappingKernelManager.cull_interval = 300
c.ContentsManager.pre_save_hook = strip_outputs
c.LabApp.extension_manager = "readonly"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"

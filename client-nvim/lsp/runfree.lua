-- The language server's configuration, for vim.lsp.enable('runfree').

---@type vim.lsp.Config
return {
  cmd = { 'runfree', 'serve' },
  -- What `python -I` would do: nothing of the project's Python set-up leaks into the server.
  cmd_env = { PYTHONNOUSERSITE = '1', PYTHONSAFEPATH = '1', PYTHONPATH = '', PYTHONUTF8 = '1' },
  filetypes = { 'python', 'java', 'go' },
  root_markers = { 'runfree.toml', '.git', 'pyproject.toml', 'go.mod', 'pom.xml', 'build.gradle', 'build.gradle.kts' },
  capabilities = { workspace = { codeLens = { refreshSupport = true } } },
  init_options = { explain = 'client', status = true },
  settings = { runfree = {} },
  before_init = function(params)
    -- Findings are pushed: Neovim 0.11 does not ask for those of files that are not open.
    params.capabilities.textDocument.diagnostic = nil
  end,
  handlers = {
    ['workspace/codeLens/refresh'] = function(_, _, ctx)
      require('runfree.lens').refresh_all(ctx.client_id)
      return vim.NIL
    end,
    ['window/logMessage'] = function(_, params)
      require('runfree.log').add(params)
    end,
    ['runfree/status'] = function(_, params, ctx)
      require('runfree.client').status_changed(ctx.client_id, params)
    end,
  },
  commands = {
    ['runfree.explain'] = function(command)
      require('runfree.explain').show(command.arguments[1], command.arguments[2])
    end,
  },
  on_exit = function(code, signal, client_id)
    require('runfree.client').ended(code, signal, client_id)
  end,
}

--- :checkhealth runfree

local M = {}

local function check_neovim()
  if vim.fn.has('nvim-0.11') == 1 then
    vim.health.ok('Neovim ' .. tostring(vim.version()))
  else
    vim.health.error('Neovim is older than 0.11')
  end
  if vim.lsp.is_enabled and vim.lsp.is_enabled('runfree') then
    vim.health.ok("enabled with vim.lsp.enable('runfree')")
  else
    vim.health.warn('not enabled', { "put vim.lsp.enable('runfree') into your init.lua" })
  end
end

local function check_program()
  local client = require('runfree.client')
  local program, found = client.program()
  if not found then
    vim.health.error(('the server %q is not executable'):format(program), {
      'install it: see :help runfree-setup',
      "or name it: vim.lsp.config('runfree', { cmd = { '/path/to/runfree', 'serve' } })",
    })
    return
  end
  local cmd = vim.lsp.config.runfree.cmd
  if type(cmd) ~= 'table' then
    vim.health.info('the server is started by a function')
    return
  end
  local answer = vim.system({ cmd[1], '--version' }, { text = true, timeout = 30000 }):wait()
  if answer.code == 0 then
    vim.health.ok(('%s: %s'):format(vim.fn.exepath(cmd[1]), vim.trim(answer.stdout)))
  else
    vim.health.error(('%s does not start'):format(vim.fn.exepath(cmd[1])), vim.split(vim.trim(answer.stderr), '\n'))
  end
end

local function check_clients()
  local client = require('runfree.client')
  local running = vim.lsp.get_clients({ name = 'runfree' })
  if #running == 0 then
    vim.health.info('no server is running: open a Python, Java or Go file')
  end
  for _, each in ipairs(running) do
    local status = client.status(each.id)
    local place = each.root_dir or 'no folder'
    if status and status.state == 'failed' then
      vim.health.error(('running for %s: %s'):format(place, status.problem))
    else
      vim.health.ok(('running for %s: %s %s'):format(place, status and status.state or 'starting', status and status.model or ''))
    end
  end
end

function M.check()
  vim.health.start('runfree')
  check_neovim()
  check_program()
  check_clients()
  local ok, problem = pcall(require('runfree.options').get)
  if ok then
    vim.health.ok('vim.g.runfree: ' .. vim.inspect(require('runfree.options').get(), { newline = ' ', indent = '' }))
  else
    vim.health.error(tostring(problem))
  end
end

return M

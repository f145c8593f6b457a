-- What the scenarios share: waiting, failing with a reason, reading what is on the screen.
local M = {}

-- The model is loaded on the first file: patient on a busy machine.
M.PATIENCE_MS = 120000

---@type string[] messages shown by vim.notify
M.messages = {}
vim.notify = function(message)
  table.insert(M.messages, message)
end

function M.fail(reason)
  io.stderr:write('FAILED: ' .. reason .. '\n')
  io.stderr:write('lenses: ' .. vim.inspect(M.lenses()) .. '\n')
  io.stderr:write('findings: ' .. vim.inspect(M.findings()) .. '\n')
  io.stderr:write('messages: ' .. vim.inspect(M.messages) .. '\n')
  vim.cmd('cquit 1')
end

function M.assert(condition, reason)
  if not condition then
    M.fail(reason)
  end
  return condition
end

function M.wait(condition, what)
  local ok, why = vim.wait(M.PATIENCE_MS, function()
    return condition() and true or false
  end, 20)
  if not ok then
    M.fail(('waited for %s (%s)'):format(what, why == -2 and 'interrupted' or 'too long'))
  end
end

--- Texts of the lenses of the current buffer, from top to bottom.
function M.lenses()
  local ok, lens = pcall(require, 'runfree.lens')
  if not ok then
    return {}
  end
  return vim.tbl_map(function(item)
    return item.lens.command.title
  end, lens.get(vim.api.nvim_get_current_buf()))
end

--- "CODE message" of the findings of the current buffer.
function M.findings()
  return vim.tbl_map(function(finding)
    return ('%s %s'):format(finding.code, finding.message)
  end, vim.diagnostic.get(0))
end

--- Whether a finding of that code is on a line (1-based) between two.
function M.found(code, from, to)
  for _, finding in ipairs(vim.diagnostic.get(0)) do
    if finding.code == code and finding.lnum + 1 >= from and finding.lnum + 1 <= (to or math.huge) then
      return finding
    end
  end
end

--- Lenses that hold a prediction.
function M.predicted()
  return vim.tbl_filter(function(text)
    return text:find('%% · new coverage') ~= nil
  end, M.lenses())
end

function M.settled()
  return #M.predicted() > 0
    and not vim.iter(M.lenses()):any(function(text)
      return text:find('updating') or text:find('predicting')
    end)
end

return M

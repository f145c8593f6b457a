--- The one way to tell the user something.

local M = {}

---@param message string
---@param level? integer One of vim.log.levels; INFO by default.
function M.tell(message, level)
  vim.notify('runfree: ' .. message, level or vim.log.levels.INFO)
end

---@type table<string, true>
local told = {}

--- Says it the first time only.
---@param message string
---@param level? integer
function M.once(message, level)
  if not told[message] then
    told[message] = true
    M.tell(message, level)
  end
end

return M

-- What a person of Neovim does with rules: mistakes, completion, explanation, renaming, formatting.

local TEXT = {
  "# langue : fr",
  "définir la marge d'une affaire / margin = montant × 20 %",
  "",
  "quand une affaire est créée",
  "   et marge > 500 €",
  'alors créer une tâche "Féliciter"',
}

local failed = false

local function check(name, holds, seen)
  io.stdout:write((holds and "ok     " or "FAILED ") .. name .. (holds and "" or "\n" .. vim.inspect(seen)) .. "\n")
  failed = failed or not holds
end

local function all()
  return vim.api.nvim_buf_get_lines(0, 0, -1, false)
end

local function wait(condition)
  return vim.wait(20000, condition, 50)
end

-- The place of `text` in a line (from 0), in the units that the server was told.
local function params(line, text)
  local column = vim.str_utfindex(all()[line + 1]:sub(1, all()[line + 1]:find(text, 1, true)))
  return { textDocument = vim.lsp.util.make_text_document_params(), position = { line = line, character = column } }
end

local function ask(method, given)
  for _, answer in pairs(vim.lsp.buf_request_sync(0, method, given, 20000) or {}) do
    return answer.result, answer.error
  end
end

vim.cmd("edit test.rules")
vim.api.nvim_buf_set_lines(0, 0, -1, false, TEXT)
check("the file is one of rules", vim.bo.filetype == "quand", vim.bo.filetype)
check("the server is there", wait(function() return #vim.tbl_keys(vim.lsp.buf_get_clients(0)) == 1 end))
local ready = wait(function() return ask("textDocument/hover", params(4, "marge")) ~= nil end)
check("it answers", ready)

vim.api.nvim_buf_set_lines(0, 4, 5, false, { "   et marje > 500 €" })
check("a mistake is told", wait(function() return #vim.diagnostic.get(0) == 1 end), vim.diagnostic.get(0))
local told = vim.diagnostic.get(0)[1] or { message = "" }
check("in French, where it stands", told.message:find("marge", 1, true) and told.lnum == 4 and told.col == 6, told)
vim.api.nvim_buf_set_lines(0, 4, 5, false, TEXT and { TEXT[5] })
check("and goes when it is mended", wait(function() return #vim.diagnostic.get(0) == 0 end), vim.diagnostic.get(0))

local hover = ask("textDocument/hover", params(4, "marge"))
check("hover explains", hover and hover.contents.value:find("margin", 1, true) ~= nil, hover)

vim.api.nvim_buf_set_lines(0, 4, 5, false, { "   et mar" })
vim.api.nvim_win_set_cursor(0, { 5, 8 })
vim.bo.omnifunc = "v:lua.vim.lsp.omnifunc"
vim.api.nvim_feedkeys(vim.api.nvim_replace_termcodes("A<C-x><C-o>", true, false, true), "n", false)
vim.defer_fn(function()
  local words = vim.tbl_map(function(item) return item.word end, vim.fn.complete_info({ "items" }).items)
  check("completion proposes", vim.tbl_contains(words, "marge"), words)
  vim.cmd("stopinsert")
  vim.api.nvim_buf_set_lines(0, 0, -1, false, TEXT)

  vim.api.nvim_win_set_cursor(0, { 5, 8 })
  vim.lsp.buf.rename("gain")
  check("renaming mends the article", wait(function()
    return all()[2]:find("définir le gain d'une affaire", 1, true) and all()[5] == "   et gain > 500 €"
  end), all())

  vim.api.nvim_buf_set_lines(0, 4, 5, false, { "et   gain>500 €" })
  vim.lsp.buf.formatting_sync(nil, 20000)
  check("formatting lines up", all()[5] == "   et gain > 500 €", all())
  vim.cmd(failed and "cquit!" or "qall!")
end, 3000)

;; What a person of Emacs does with rules: mistakes, completion, explanation, renaming, formatting.  -*- lexical-binding: t -*-
(require 'cl-lib)
(require 'package)
(require 'eglot)
(require 'flymake)

(defconst test-text "# langue : fr
définir la marge d'une affaire / margin = montant × 20 %

quand une affaire est créée
   et marge > 500 €
alors créer une tâche \"Féliciter\"
")

(defvar test-failed nil)

(defun test-check (name holds &optional seen)
  (princ (if holds (format "ok     %s\n" name) (format "FAILED %s\n%S\n" name seen)))
  (unless holds (setq test-failed t)))

(defun test-wait (condition)
  "Whether CONDITION comes to hold within 20 seconds."
  (let ((end (+ (float-time) 20)) found)
    (while (and (not (setq found (funcall condition))) (< (float-time) end))
      (accept-process-output nil 0.05)
      (sit-for 0.01))
    found))

(defun test-replace (from to)
  (goto-char (point-min))
  (search-forward from)
  (replace-match to t t)
  (eglot--signal-textDocument/didChange))

(defun test-go (text)
  (goto-char (point-min))
  (search-forward text)
  (goto-char (+ (match-beginning 0) 4)))

(write-region test-text nil "test.rules")
(find-file "test.rules")
(test-check "the file is one of rules" (eq major-mode 'quand-mode) major-mode)
(setq eglot-sync-connect 20)
(apply #'eglot--connect (eglot--guess-contact))
(test-check "the server is there" (test-wait (lambda () (eglot-current-server))))
(flymake-mode 1)

(test-replace "et marge" "et marje")
(flymake-start)
(test-check "a mistake is told" (test-wait (lambda () (flymake-diagnostics))))
(let ((told (car (flymake-diagnostics))))
  (test-check "in French, where it stands"
              (and told
                   (string-match-p "marge" (flymake-diagnostic-text told))
                   (equal (buffer-substring (flymake-diagnostic-beg told) (flymake-diagnostic-end told)) "marje"))
              told))
(test-replace "et marje" "et marge")
(test-check "and goes when it is mended" (test-wait (lambda () (flymake-start) (null (flymake-diagnostics)))))

(test-go "marge > 500")
(let ((hover (jsonrpc-request (eglot--current-server-or-lose) :textDocument/hover (eglot--TextDocumentPositionParams))))
  (test-check "hover explains" (string-match-p "margin" (format "%S" hover)) hover))

(test-replace "et marge > 500 €" "et mar")
(goto-char (point-min))
(search-forward "et mar")
(let* ((found (eglot-completion-at-point))
       (words (all-completions "mar" (nth 2 found))))
  (test-check "completion proposes" (cl-some (lambda (word) (string-prefix-p "marge" (string-trim word))) words) words))
(test-replace "et mar\n" "et marge > 500 €\n")

(test-go "marge > 500")
(eglot-rename "gain")
(test-check "renaming mends the article"
            (and (string-match-p "définir le gain d'une affaire" (buffer-string))
                 (string-match-p "et gain > 500 €" (buffer-string)))
            (buffer-string))

(test-replace "   et gain > 500 €" "et   gain>500 €")
(eglot-format-buffer)
(test-check "formatting lines up" (string-match-p "\n   et gain > 500 €\n" (buffer-string)) (buffer-string))

(set-buffer-modified-p nil)
(kill-emacs (if test-failed 1 0))

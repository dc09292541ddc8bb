using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Tests.Tokenization;
using MiniMind.MLNet.Dpo.Tokenization;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Masking;

/// <summary>Chat templates of the structures that models ship, written in C#, which also tell where the answers stand.</summary>
/// <param name="Name">The structure.</param>
/// <param name="Tokens">The special tokens.</param>
/// <param name="Write">Writes a conversation.</param>
internal sealed record TestTemplate(string Name, string[] Tokens, Action<TestTemplate.Page> Write)
{
    private static readonly string[] s_chatMl = ["<|im_start|>", "<|im_end|>"];
    private static readonly string[] s_header = ["<s>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"];

    /// <summary>All structures by name.</summary>
    public static IReadOnlyDictionary<string, TestTemplate> All { get; } = new TestTemplate[]
    {
        new("chatml", s_chatMl, page => page.Each(message =>
            page.Add($"<|im_start|>{message.Role}\n").Content(message).End(message, "<|im_end|>").Add("\n")).Prompt("<|im_start|>assistant\n")),
        new("chatml, last message open", s_chatMl, page => page.Each(message =>
        {
            page.Add($"<|im_start|>{message.Role}\n").Content(message);
            if (!message.IsLast || page.HasPrompt)
                page.End(message, "<|im_end|>").Add("\n");
        }).PromptAfterUser("<|im_start|>assistant\n")),
        new("chatml, default system, think in the last answer", s_chatMl, page =>
        {
            if (page.Messages[0].Role != "system")
                page.Add("<|im_start|>system\nYou help.<|im_end|>\n");
            page.Each(message =>
            {
                page.Add($"<|im_start|>{message.Role}\n");
                if (message.Role == "assistant" && message.IsLast)
                    page.Answer("<think>\n\n</think>\n\n");
                page.Content(message).End(message, "<|im_end|>").Add("\n");
            }).Prompt("<|im_start|>assistant\n");
        }),
        new("chatml, think everywhere", [.. s_chatMl, "+<think>", "+</think>"], page => page.Each(message =>
        {
            page.Add($"<|im_start|>{message.Role}\n");
            if (message.Role == "assistant")
                page.Answer("<think>\n\n</think>\n\n");
            page.Content(message).End(message, "<|im_end|>").Add("\n");
        }).Prompt("<|im_start|>assistant\n<think>\n\n</think>\n\n")),
        new("header", s_header, page => page.Add("<s>").Each(message =>
            page.Add($"<|start_header_id|>{message.Role}<|end_header_id|>\n\n").Content(message.Trimmed()).End(message, "<|eot_id|>"))
            .Prompt("<|start_header_id|>assistant<|end_header_id|>\n\n")),
        new("turns, alternating", ["<bos>", "<start_of_turn>", "<end_of_turn>"], page => page.Add("<bos>").Alternate().Each(message =>
            page.Add($"<start_of_turn>{(message.Role == "assistant" ? "model" : message.Role)}\n").Content(message.Trimmed())
                .End(message, "<end_of_turn>").Add("\n"))
            .Prompt("<start_of_turn>model\n")),
        new("role tokens", ["<s>", "<|TURN|>", "<|END|>", "<|USER|>", "<|BOT|>", "<|SYSTEM|>"], page => page.Add("<s>").Each(message =>
            page.Add("<|TURN|>" + (message.Role switch { "user" => "<|USER|>", "assistant" => "<|BOT|>", _ => "<|SYSTEM|>" }))
                .Content(message.Trimmed()).End(message, "<|END|>")).Prompt("<|TURN|><|BOT|>")),
        new("role tokens, text end", ["</s>", "<|system|>", "<|user|>", "<|assistant|>", "<|end|>"], page => page.Each(message =>
            page.Add($"<|{(message.Role is "user" or "assistant" ? message.Role : "system")}|>\n").Content(message).End(message, "<|end|>").Add("\n"))
            .Prompt("<|assistant|>\n", otherwise: "</s>")),
        new("instructions", ["<s>", "</s>", "[INST]", "[/INST]"], page => page.Add("<s>").Alternate().Each(message =>
        {
            if (message.Role == "user")
                page.Add("[INST]").Content(message).Add("[/INST]");
            else
                page.Content(message).End(message, "</s>");
        })),
        new("plain text", [], page => page.Each(message =>
        {
            page.Add(message.Role == "assistant" ? "### Response:\n" : $"### {message.Role}:\n").Content(message).End(message, "\n\n");
        }).Prompt("### Response:\n")),
        new("generation marks", s_chatMl, page => page.Each(message =>
            page.Add($"<|im_start|>{message.Role}\n").Mark(message).Content(message).End(message, "<|im_end|>").Mark(message).Add("\n"))
            .Prompt("<|im_start|>assistant\n")),
    }.ToDictionary(template => template.Name);

    /// <summary>The template as the rule gets it.</summary>
    public RenderedChat? Render(string messagesJson, bool addGenerationPrompt, string? toolsJson = null)
    {
        using JsonDocument json = JsonDocument.Parse(messagesJson);
        List<Message> messages = [.. json.RootElement.EnumerateArray().Select((message, i) => new Message(
            message.GetProperty("role").GetString()!, message.GetProperty("content").GetString()!, i == json.RootElement.GetArrayLength() - 1))];
        Page? page = Page.Of(this, messages, addGenerationPrompt);
        return page is null ? null : new RenderedChat(page.Text, page.Marks);
    }

    /// <summary>A small tokenizer that knows the template's special tokens; those after a plus are added, but not special.</summary>
    public HuggingFaceTokenizer Tokenizer()
    {
        System.Text.Json.Nodes.JsonObject json = SmallTokenizer.Json([.. Tokens.Select(token => token.TrimStart('+'))]);
        for (int i = 0; i < Tokens.Length; i++)
            json["added_tokens"]![i]!["special"] = !Tokens[i].StartsWith('+');
        return SmallTokenizer.Parse(json);
    }

    /// <summary>A message.</summary>
    internal sealed record Message(string Role, string Content, bool IsLast)
    {
        /// <summary>The message as templates that trim write it.</summary>
        public Message Trimmed() => this with { Content = Content.Trim() };
    }

    /// <summary>The text under the template's pen, and where the answers are in it.</summary>
    internal sealed class Page
    {
        private readonly StringBuilder _text = new();
        private bool _isRefused;
        private int _mark = -1;

        private Page(List<Message> messages, bool hasPrompt) => (Messages, HasPrompt) = (messages, hasPrompt);

        public List<Message> Messages { get; }

        public bool HasPrompt { get; }

        public string Text => _text.ToString();

        /// <summary>The answers with their end tokens.</summary>
        public List<(int Start, int Length)> Answers { get; } = [];

        public List<(int Start, int Length)> Marks { get; } = [];

        public static Page? Of(TestTemplate template, List<Message> messages, bool hasPrompt)
        {
            Page page = new(messages, hasPrompt);
            template.Write(page);
            return page._isRefused ? null : page;
        }

        public Page Each(Action<Message> write)
        {
            Messages.ForEach(write);
            return this;
        }

        public Page Alternate()
        {
            _isRefused = Messages.Where((message, i) => message.Role != (i % 2 == 0 ? "user" : "assistant")).Any();
            return this;
        }

        public Page Add(string text)
        {
            _text.Append(text);
            return this;
        }

        public Page Content(Message message) => message.Role == "assistant" ? Answer(message.Content) : Add(message.Content);

        public Page End(Message message, string token) => message.Role == "assistant" ? Answer(token) : Add(token);

        public Page Answer(string text)
        {
            Answers.Add((_text.Length, text.Length));
            return Add(text);
        }

        public Page Mark(Message message)
        {
            if (message.Role != "assistant")
                return this;
            if (_mark >= 0)
                Marks.Add((_mark, _text.Length - _mark));
            _mark = _mark < 0 ? _text.Length : -1;
            return this;
        }

        public Page Prompt(string prompt, string otherwise = "") => Add(HasPrompt ? prompt : otherwise);

        public Page PromptAfterUser(string prompt) => Add(HasPrompt && Messages[^1].Role != "assistant" ? prompt : "");
    }
}

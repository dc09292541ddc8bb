using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MiniMind.MLNet.Dpo.Tests.Tokenization;
using MiniMind.MLNet.Dpo.Tokenization;
using MiniMind.MLNet.Dpo.Transforms.Masking;

namespace MiniMind.MLNet.Dpo.Tests.Transforms.Masking.Field;

/// <summary>Tries a chat template of any origin: which text its mask holds, found out by where the text was written and not by the rule.</summary>
internal sealed partial class TemplateTrial
{
    private static readonly Dictionary<string, string> s_specialTokens =
        new() { ["bos_token"] = "<BOS>", ["eos_token"] = "<EOS>", ["pad_token"] = "<PAD>", ["unk_token"] = "<UNK>" };

    private readonly ChatTemplate _template;

    /// <summary>A trial of a template, with its control tokens as added tokens.</summary>
    /// <param name="source">The template.</param>
    /// <param name="tokenizerJson">The tokenizer's file; <see langword="null"/> for the small one.</param>
    public TemplateTrial(string source, JsonNode? tokenizerJson = null)
    {
        _template = ChatTemplate.Parse(source, s_specialTokens);
        SortedSet<string> tags = new(StringComparer.Ordinal) { "<BOS>", "<EOS>" };
        foreach (string text in TrialKind.Usual.Concat(TrialKind.ToolCalls).Select(kind => Render(kind)?.Text ?? "").Append(source))
        {
            foreach (Match match in Tags().Matches(text))
                tags.Add(match.Value);
        }

        Tokenizer = SmallTokenizer.Parse(WithTags(tokenizerJson?.DeepClone().AsObject() ?? SmallTokenizer.Json(), tags));
    }

    /// <summary>The tokenizer.</summary>
    public HuggingFaceTokenizer Tokenizer { get; }

    /// <summary>Writes a conversation; <see langword="null"/> where the template refuses it.</summary>
    public RenderedChat? Render(TrialKind kind) => Render(kind.MessagesJson, addGenerationPrompt: false, kind.ToolsJson);

    /// <summary>The rule that the library finds.</summary>
    public ResponseSpanRule Rule() => ResponseSpanRule.For(Tokenizer, Render);

    /// <summary>The renderer.</summary>
    public RenderedChat? Render(string messagesJson, bool addGenerationPrompt, string? toolsJson = null) =>
        SafeRendering.Of(_template, messagesJson, new ChatTemplateOptions { AddGenerationPrompt = addGenerationPrompt, ToolsJson = toolsJson });

    /// <summary>The pieces of a text that a rule's mask holds.</summary>
    public string[] Masked(IResponseMaskRule rule, string text)
    {
        IReadOnlyList<TokenSpan> tokens = Tokenizer.EncodeWithSpans(text, addSpecialTokens: false);
        bool[] on = On(rule, tokens, text);
        return [.. Pieces(text, on)];
    }

    /// <summary>What is wrong with a rule's mask of a conversation; <see langword="null"/> for nothing.</summary>
    public string? FaultOf(IResponseMaskRule rule, RenderedChat rendered, bool hasMarks)
    {
        string text = rendered.Text;
        IReadOnlyList<TokenSpan> tokens = Tokenizer.EncodeWithSpans(text, addSpecialTokens: false);
        bool[] on = On(rule, tokens, text);
        string masked = string.Join('¦', Pieces(text, on));
        if (hasMarks)
        {
            bool[] marked = new bool[text.Length];
            foreach (TokenSpan token in tokens)
            {
                if (rendered.GenerationSpans.Any(mark => token.Start < mark.Start + mark.Length && token.Start + token.Length > mark.Start))
                    marked.AsSpan(token.Start, token.Length).Fill(true);
            }

            return on.SequenceEqual(marked) ? null : $"marks say {string.Join('¦', Pieces(text, marked))}, masked is {masked}";
        }
        foreach (Match content in Contents().Matches(text))
        {
            bool[] part = on[content.Index..(content.Index + content.Length)];
            if (content.Groups[1].Value is "a" or "c" ? part.Contains(false) : content.Groups[1].Value is not "r" && part.Contains(true))
                return $"{content.Value} is {(content.Groups[1].Value is "a" or "c" ? "not" : "")} in the mask, which is {masked}";
        }
        // a control token right behind an answer ends it, and no header is in the mask
        foreach (Match answer in Answers().Matches(text))
        {
            if (Tokenizer.Encode(answer.Groups[2].Value, addSpecialTokens: false) is [var id] && Tokenizer.IsSpecial(id) && !on[answer.Groups[2].Index])
                return $"{answer.Groups[2].Value} is not in the mask, which is {masked}";
        }

        return Headers().Match(masked) is { Success: true } header ? $"{header.Value} is in the mask, which is {masked}" : null;
    }

    private static bool[] On(IResponseMaskRule rule, IReadOnlyList<TokenSpan> tokens, string text)
    {
        float[] mask = new float[tokens.Count];
        rule.Mask([.. tokens.Select(token => token.Id)], mask);
        bool[] on = new bool[text.Length];
        for (int i = 0; i < mask.Length; i++)
        {
            if (mask[i] == 1)
                on.AsSpan(tokens[i].Start, tokens[i].Length).Fill(true);
        }

        return on;
    }

    private static IEnumerable<string> Pieces(string text, bool[] on)
    {
        for (int start = 0; start < text.Length; start++)
        {
            int end = start;
            while (end < text.Length && on[end])
                end++;
            if (end > start)
                yield return text[start..end];
            start = end;
        }
    }

    private static JsonObject WithTags(JsonObject json, IEnumerable<string> tags)
    {
        JsonArray added = json["added_tokens"]!.AsArray();
        int next = json["model"]!["vocab"]!.AsObject().Select(entry => entry.Value!.GetValue<int>())
            .Concat(added.Select(token => token!["id"]!.GetValue<int>())).Max() + 1;
        foreach (string tag in tags.Where(tag => !added.Any(token => token!["content"]!.GetValue<string>() == tag)))
            added.Add(SmallTokenizer.AddedToken(next++, tag, "special"));
        return json;
    }

    [GeneratedRegex("""<[|｜][^\s<>'{}]*?[|｜]>|<(?:start|end)_of_turn>|</?s>|<\|[a-z_]+\|>|<end_of_utterance>|<turn\|>|<\|turn>|<(?:BOS|EOS)>""")]
    private static partial Regex Tags();

    [GeneratedRegex("""Zq(\w)\d+ [a-z ]*[a-z][.?]""")]
    private static partial Regex Contents();

    [GeneratedRegex("""(Zqa\d+ [a-z ]*[a-z]\.)(<[|｜][^<>]*[|｜]>|</s>|<EOS>|<end_of_turn>)""")]
    private static partial Regex Answers();

    [GeneratedRegex("""<\|(?:im_start|start_header_id)\|>|### (?:Instruction|Input|User)|\[INST\]|USER:""")]
    private static partial Regex Headers();
}

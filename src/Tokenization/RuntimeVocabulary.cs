using System.Text;
using MiniMind.MLNet.Dpo.Tokenization.Models;
using MiniMind.MLNet.Dpo.Tokenization.Normalization;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>A tokenizer as llama.cpp and its kin are told of it.</summary>
internal sealed class RuntimeVocabulary
{
    private RuntimeVocabulary(TokenizerDefinition definition, TokenizerConfig config, TokenTable table, int size)
    {
        SequenceFrame frame = SequenceFrame.For(definition.Frame, config, table);
        int? bos = table.IdOf(config.BosToken), eos = table.IdOf(config.EosToken);
        Obstacles = [.. ObstaclesOf(definition, table), .. FrameObstacles(frame, bos, eos)];
        MergeModel? model = definition.Model as MergeModel;
        PreTokenizer = model is null ? "" : RuntimeSplit.NameOf(definition.Words, model.IgnoresMerges) ?? "";
        (AddsBos, AddsEos) = (frame.Before.Length > 0, frame.After.Length > 0);
        Merges = [.. (model?.Merges ?? []).Select(merge => $"{merge.Left} {merge.Right}")];
        Dictionary<int, AddedToken> added = table.Added.ToDictionary(token => token.Id);
        (Tokens, Kinds) = (new string[size], new RuntimeTokenKind[size]);
        for (int id = 0; id < size; id++)
        {
            string text = table.TextOf(id);
            Tokens[id] = text.Length > 0 ? text : Placeholder(id, table);
            Kinds[id] = text.Length == 0 ? RuntimeTokenKind.Unused
                : added.TryGetValue(id, out AddedToken? token) ? token.Special ? RuntimeTokenKind.Control : RuntimeTokenKind.UserDefined
                : ByteLevelAlphabet.Covers(text) ? RuntimeTokenKind.Normal : RuntimeTokenKind.Unused; // bytes never merge to it
        }
    }

    /// <summary>What of the tokenizer the runtimes do not do; empty where they do all.</summary>
    public IReadOnlyList<string> Obstacles { get; }

    /// <summary>The name of its way of cutting text into words.</summary>
    public string PreTokenizer { get; }

    /// <summary>Every token's text by id; a placeholder where the model has an id that no token has.</summary>
    public string[] Tokens { get; }

    /// <summary>What each token is.</summary>
    public RuntimeTokenKind[] Kinds { get; }

    /// <summary>The merges, first first, as "left right".</summary>
    public IReadOnlyList<string> Merges { get; }

    /// <summary>Whether a text gets the bos token before it.</summary>
    public bool AddsBos { get; }

    /// <summary>Whether a text gets the eos token behind it.</summary>
    public bool AddsEos { get; }

    /// <summary>The vocabulary of a tokenizer.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="size">Entries of the model's vocabulary.</param>
    public static RuntimeVocabulary Of(HuggingFaceTokenizer tokenizer, int size)
    {
        TokenizerDefinition definition = TokenizerJsonReader.Read(tokenizer.TokenizerJson);
        TokenizerConfig config = TokenizerConfig.Read(tokenizer.TokenizerConfigJson);
        return new RuntimeVocabulary(definition, config, new TokenTable(definition, config), size);
    }

    private static IEnumerable<string> ObstaclesOf(TokenizerDefinition definition, TokenTable table)
    {
        if (definition.Model is not MergeModel model || !definition.Words.IsByteLevel)
        {
            yield return "tokenizer.json is not byte-level BPE (pre_tokenizer ByteLevel, model BPE), and only such tokenizers are written into GGUF files here";
            yield break;
        }
        if (definition.Normalizer.Steps.Any(step => step is not UnicodeFormStep { Form: UnicodeForm.C }))
            yield return "tokenizer.json's normalizer changes texts otherwise than by NFC, and the runtimes do not";
        if (RuntimeSplit.NameOf(definition.Words, model.IgnoresMerges) is null)
        {
            string also = model.IgnoresMerges ? " with ignore_merges" : "";
            yield return $"the runtimes have no pre-tokenizer that cuts text as tokenizer.json's pre_tokenizer{also} does; "
                + $"theirs that are known here are {RuntimeSplit.Known}";
        }
        if (definition.Words.AddsPrefixSpace)
            yield return "pre_tokenizer.add_prefix_space is true, but the runtimes put no space before a text of a byte-level tokenizer";
        if (LackedByte(model) is { } lacked)
        {
            yield return $"model.vocab has no token for the byte 0x{lacked:X2} ('{ByteLevelAlphabet.CharacterOf((byte)lacked)}'), around which the runtimes " +
                "merge otherwise";
        }

        foreach (AddedToken token in table.Added)
        {
            (bool IsSet, string Name)[] flags = [(token.LeftStrip, "lstrip"), (token.RightStrip, "rstrip"), (token.SingleWord, "single_word")];
            string set = string.Join(" and ", flags.Where(flag => flag.IsSet).Select(flag => flag.Name));
            if (set.Length > 0)
                yield return $"the added token '{token.Content}' has {set}, which a GGUF file cannot say";
        }
        if (Overlap(table.Added) is var (first, second))
            yield return $"the added tokens '{first}' and '{second}' can overlap in a text, where the runtimes take the longer one and not the first";
    }

    private static IEnumerable<string> FrameObstacles(SequenceFrame frame, int? bos, int? eos)
    {
        if (frame.Before is not [] && !(frame.Before is [var before] && before == bos))
            yield return $"the ids {string.Join(", ", frame.Before)} go before every text; the runtimes put bos_token there or nothing";
        if (frame.After is not [] && !(frame.After is [var after] && after == eos))
            yield return $"the ids {string.Join(", ", frame.After)} go behind every text; the runtimes put eos_token there or nothing";
    }

    // a byte without a token is left out before the merges here, so that its neighbours can merge, and after them in llama.cpp
    private static int? LackedByte(MergeModel model)
    {
        for (int value = 0; value < 256; value++)
        {
            bool isInNoText = value is 0xC0 or 0xC1 or >= 0xF5; // UTF-8 has none of these
            if (!isInNoText && !model.Vocabulary.ContainsKey(ByteLevelAlphabet.CharacterOf((byte)value).ToString()))
                return value;
        }
        return null;
    }

    // Here the leftmost token counts, and one that is looked for in the normalized text comes behind all others; in llama.cpp the longest of all comes first.
    private static (string First, string Second)? Overlap(IReadOnlyCollection<AddedToken> added)
    {
        (string Text, int Bytes, bool Normalized)[] tokens =
            [.. added.Select(token => (token.Content, Encoding.UTF8.GetByteCount(token.Content), token.Normalized))];
        foreach ((string first, int firstBytes, bool firstNormalized) in tokens)
        {
            foreach ((string second, int secondBytes, bool secondNormalized) in tokens)
            {
                if (secondBytes < firstBytes || first == second)
                    continue;
                bool overlaps = firstNormalized == secondNormalized
                    ? EndsWhereBegins(first, second) && !(IsRun(first) && IsRun(second)) // runs of one character come to the same
                    : !firstNormalized && (second.Contains(first, StringComparison.Ordinal) || EndsWhereBegins(first, second)
                        || EndsWhereBegins(second, first));
                if (overlaps)
                    return (first, second);
            }
        }
        return null;
    }

    private static bool IsRun(string text) => text.AsSpan().IndexOfAnyExcept(text[0]) < 0;

    private static bool EndsWhereBegins(string first, string second)
    {
        for (int start = 1; start < first.Length; start++)
        {
            if (first[start] == second[0] && second.AsSpan().StartsWith(first.AsSpan(start)))
                return true;
        }

        return false;
    }

    private static string Placeholder(int id, TokenTable table)
    {
        string text = $"[PAD{id}]";
        while (table.IdOf(text) is not null)
            text += "_";
        return text;
    }
}

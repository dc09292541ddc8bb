namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Reads added tokens, as tokenizer.json and tokenizer_config.json write them.</summary>
internal static class AddedTokenReader
{
    /// <summary>The most characters of an added token.</summary>
    public const int MaxContentLength = 1000;

    /// <summary>The added tokens of tokenizer.json.</summary>
    /// <param name="file">The file.</param>
    /// <param name="vocabulary">The model's tokens, which have their ids before the added ones have theirs.</param>
    public static List<AddedToken> All(JsonSection file, IReadOnlyDictionary<string, int> vocabulary)
    {
        List<AddedToken> tokens = new();
        HashSet<string> contents = new(StringComparer.Ordinal);
        int next = vocabulary.Count, characters = 0;
        foreach (JsonSection section in file.HasValue("added_tokens") ? file.Sections("added_tokens") : [])
        {
            section.AllowOnly("id", "content", "single_word", "lstrip", "rstrip", "normalized", "special");
            AddedToken token = One(section, section.Id("id"));
            CheckTogether(section, tokens.Count, characters += token.Content.Length);
            if (!contents.Add(token.Content))
                throw section.Error("content", $"is '{token.Content}', which another added token has already");
            // the reference numbers added tokens itself and only warns where the file disagrees
            int expected = vocabulary.TryGetValue(token.Content, out int known) ? known : next++;
            if (token.Id != expected)
                throw section.Error("id", $"is {token.Id}, but '{token.Content}' gets {expected}: the id in model.vocab, or else the next one after it");
            tokens.Add(token);
        }
        return tokens;
    }

    /// <summary>One token.</summary>
    public static AddedToken One(JsonSection section, int id)
    {
        string content = section.Text("content");
        section.Require("content", content.Length is > 0 and <= MaxContentLength, $"1 to {MaxContentLength} characters");
        return new AddedToken(
            id, content, section.Flag("single_word", false), section.Flag("lstrip", false), section.Flag("rstrip", false),
            section.Flag("normalized", true), section.Flag("special", false));
    }

    /// <summary>Refuses an added token with which there are too many, or too long ones together.</summary>
    public static void CheckTogether(JsonSection section, int before, int characters)
    {
        if (before >= TokenizerLimits.AddedTokens)
            throw section.Error("content", $"is one of more than {TokenizerLimits.AddedTokens} added tokens; no more are taken");
        if (characters > TokenizerLimits.AddedTokenCharacters)
            throw section.Error("content", $"makes the added tokens together longer than {TokenizerLimits.AddedTokenCharacters} characters; no more are taken");
    }
}

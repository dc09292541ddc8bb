using MiniMind.MLNet.Dpo.ChatTemplates.Values;

namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Marks in messages where their texts spell control tokens, or end with the beginning of one, which the template may complete.</summary>
internal sealed class ContentMarker(ControlTokens tokens)
{
    private readonly TokenSpellings _contents = new(tokens.InContents);
    private readonly TokenSpellings _answers = new(tokens.InAnswers);

    /// <summary>A copy of messages, or of descriptions of tools, with the marks of <see cref="LiteralText"/>.</summary>
    /// <returns>The list itself where nothing is to be marked.</returns>
    public JinjaSequence Mark(JinjaSequence list) => Marked(list, SpellingsFor);

    /// <summary>The first control token that a message spells whole; <see langword="null"/> where it spells none.</summary>
    public string? SpelledIn(object? message) => Find(message, SpellingsFor(message));

    private TokenSpellings SpellingsFor(object? message) =>
        message is JinjaDict dict && dict.TryGet("role", out object? role) && role is "assistant" ? _answers : _contents;

    private static string? Find(object? value, TokenSpellings spellings) => value switch
    {
        string text => spellings.Find(text),
        JinjaSequence sequence => sequence.Items.Select(item => Find(item, spellings)).FirstOrDefault(found => found is not null),
        JinjaDict dict => dict.Entries.Select(entry => spellings.Find((string)entry.Key!) ?? Find(entry.Value, spellings))
            .FirstOrDefault(found => found is not null),
        _ => null,
    };

    private static object? Marked(object? value, TokenSpellings spellings) => value switch
    {
        string text => spellings.Mark(text),
        JinjaSequence sequence => Marked(sequence, _ => spellings),
        JinjaDict dict => Marked(dict, spellings),
        _ => value,
    };

    private static JinjaSequence Marked(JinjaSequence sequence, Func<object?, TokenSpellings> spellingsFor)
    {
        object?[]? items = null;
        for (int i = 0; i < sequence.Items.Length; i++)
        {
            object? item = sequence.Items[i], marked = Marked(item, spellingsFor(item));
            if (!ReferenceEquals(marked, item))
                (items ??= [.. sequence.Items])[i] = marked;
        }
        return items is null ? sequence : sequence.With(items);
    }

    private static JinjaDict Marked(JinjaDict dict, TokenSpellings spellings)
    {
        JinjaDict copy = new(dict.Count);
        bool changed = false;
        foreach ((object? key, object? value) in dict.Entries)
        {
            string name = spellings.Mark((string)key!);
            object? marked = Marked(value, spellings);
            changed |= !ReferenceEquals(name, key) || !ReferenceEquals(marked, value);
            copy.Set(name, marked);
        }
        return changed ? copy : dict;
    }
}

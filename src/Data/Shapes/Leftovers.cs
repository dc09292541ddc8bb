using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Data.Shapes;

/// <summary>Sees to it that nothing of a row is left out that may be part of its conversation.</summary>
internal static partial class Leftovers
{
    private const int LongestLabel = 80;

    /// <summary>Checks what a row holds beside what was read.</summary>
    /// <param name="row">The row.</param>
    /// <param name="texts">The texts that were read, trimmed; a field that only repeats them is no loss.</param>
    /// <param name="accounted">Fields that the options carry as columns.</param>
    /// <param name="policy">How much there may be.</param>
    /// <param name="options">The options' class, for the error.</param>
    /// <exception cref="PreferenceDataException">A field would be left out that may be part of the conversation.</exception>
    public static void Check(SourceRow row, HashSet<string> texts, IReadOnlyCollection<string> accounted, LeftoverPolicy policy, string options)
    {
        foreach ((string name, JsonElement value) in row.Rest)
        {
            if (PairWeightNames.Has(name) && !accounted.Contains(name) && Numbers.Read(value) is { } weight and not 1)
            {
                throw row.At.Fault(BadRowReason.UnreadField, name,
                    string.Create(CultureInfo.InvariantCulture, $"the row has '{Excerpt.Of(name)}' {weight}, which may say how much it counts and would be "
                        + $"left out. {PairWeightNames.Remedy(name, options)}"));
            }

            FieldMeaning meaning = FieldMeanings.Of(name);
            bool isCarried = policy != LeftoverPolicy.Bare && meaning != FieldMeaning.Context && accounted.Contains(name);
            if (isCarried || IsHarmless(value, meaning, policy) || (Texts(value).Any() && Repeats(value, texts, 0)))
                continue;
            string what = policy == LeftoverPolicy.Bare
                ? $"the row has two bare strings without a prompt, and '{Excerpt.Of(name)}', which may be their prompt or a part of it; nothing is " +
                    "divided by guess."
                : $"the row has '{Excerpt.Of(name)}', which may be part of the conversation and would be left out.";
            throw row.At.Fault(BadRowReason.UnreadField, name,
                $"{what} The row has {row.Names}. Name what it is with an option of {options}, such as Prompt = \"{Excerpt.Of(name)}\" or System, or, "
                + $"where it is no part of the conversation, name it in {nameof(JsonlFileOptions.IgnoredFields)}.");
        }
    }

    private static bool IsHarmless(JsonElement value, FieldMeaning meaning, LeftoverPolicy policy)
    {
        if (value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False || meaning == FieldMeaning.Fact)
            return true;
        string[] texts = [.. Texts(value)];
        if (meaning == FieldMeaning.Context)
            return texts.Length == 0 && value.ValueKind == JsonValueKind.Object;
        if (texts.All(text => string.IsNullOrWhiteSpace(text) || Numbers.Read(text) is not null || bool.TryParse(text, out _)))
            return true;
        return (policy, meaning) switch
        {
            (LeftoverPolicy.Bare, FieldMeaning.Label) => texts.All(text => IsToken(text) && !char.IsUpper(text[0])),
            (LeftoverPolicy.Bare, _) => false,
            (LeftoverPolicy.Mapped, _) or (LeftoverPolicy.Recognised, FieldMeaning.Verdict) => true,
            (_, FieldMeaning.Label) => texts.All(text => text.Length <= LongestLabel && !text.AsSpan().ContainsAny('\r', '\n')),
            _ => texts.All(IsToken),
        };
    }

    // Whether a value says nothing but what was read already.
    private static bool Repeats(JsonElement value, HashSet<string> texts, int depth) => value.ValueKind switch
    {
        JsonValueKind.String => texts.Contains(value.GetString()!.Trim()) || string.IsNullOrWhiteSpace(value.GetString())
            || (depth == 0 && StoredText.Find(value.GetString()!) is { } stored && Repeats(stored, texts, 1)),
        JsonValueKind.Array => value.EnumerateArray().All(item => Repeats(item, texts, depth + 1)),
        JsonValueKind.Object => value.EnumerateObject().All(property => property.Name is "role" or "from" or "type"
            || FieldMeanings.Of(property.Name) == FieldMeaning.Fact || Repeats(property.Value, texts, depth + 1)),
        _ => true,
    };

    private static IEnumerable<string> Texts(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => [value.GetString()!],
        JsonValueKind.Array => value.EnumerateArray().SelectMany(Texts),
        JsonValueKind.Object => value.EnumerateObject().SelectMany(property => Texts(property.Value)),
        _ => [],
    };

    // A word of a program rather than of a person, such as "gpt-4" or "ultrachat_200k".
    private static bool IsToken(string text) => Token().IsMatch(text);

    [GeneratedRegex(@"\A[A-Za-z0-9_./:@+#\-]{0,99}[A-Za-z0-9_/+#]\z")]
    private static partial Regex Token();
}

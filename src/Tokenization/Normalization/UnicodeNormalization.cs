using System.Buffers;
using System.Text;

namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>Unicode's normalization forms (UAX 15): C, which Qwen's tokenizers apply first, and its kin.</summary>
/// <remarks>
/// <see cref="string.Normalize()"/> returns the text unchanged where the app runs in globalization-invariant mode, and follows
/// another Unicode version than the reference's library elsewhere; token ids must depend on neither.
/// </remarks>
internal static class UnicodeNormalization
{
    private const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TrailBase = 0x11A7;
    private const int LeadCount = 19, VowelCount = 21, TrailCount = 28, SyllableCount = LeadCount * VowelCount * TrailCount;
    private static readonly Lazy<SearchValues<char>> s_involved = new(Involved);

    /// <summary>Whether the text surely is in form C already; some texts for which this says no are, too.</summary>
    public static bool IsSurelyComposed(ReadOnlySpan<char> text) =>
        !text.ContainsAnyExceptInRange('\0', '\u02FF') || !text.ContainsAny(s_involved.Value);

    /// <summary>Puts a well-formed text into form C.</summary>
    /// <param name="text">The text.</param>
    /// <param name="sources">For every character of the result the range of the text that it came from.</param>
    public static string Compose(ReadOnlySpan<char> text, List<SourceRange> sources) => Apply(UnicodeForm.C, text, sources);

    /// <summary>Puts a well-formed text into a form.</summary>
    /// <param name="form">The form.</param>
    /// <param name="text">The text.</param>
    /// <param name="sources">For every character of the result the range of the text that it came from.</param>
    public static string Apply(UnicodeForm form, ReadOnlySpan<char> text, List<SourceRange> sources)
    {
        CanonicalData data = CanonicalData.Instance;
        CompatibilityData? compatibility = form is UnicodeForm.KC or UnicodeForm.KD ? CompatibilityData.Instance : null;
        StringBuilder result = new(text.Length);
        List<int> characters = new();
        int start = 0;
        while (start < text.Length)
        {
            // a segment: one character and all that may reorder or compose with it
            int end = start;
            characters.Clear();
            while (end < text.Length)
            {
                Rune.DecodeFromUtf16(text[end..], out Rune rune, out int length);
                int before = characters.Count;
                if (compatibility?.DecompositionOf(rune.Value) is { } parts)
                    characters.AddRange(parts);
                else
                    Decompose(data, rune.Value, characters);
                if (before > 0 && StartsSegment(data, characters[before]))
                {
                    characters.RemoveRange(before, characters.Count - before);
                    break;
                }
                end += length;
            }
            Reorder(data, characters);
            if (form is UnicodeForm.C or UnicodeForm.KC)
                Recompose(data, characters);
            foreach (int character in characters)
            {
                Rune rune = new(character);
                result.Append(rune);
                for (int i = 0; i < rune.Utf16SequenceLength; i++)
                    sources.Add(new SourceRange(start, end));
            }
            start = end;
        }
        return result.ToString();
    }

    private static bool StartsSegment(CanonicalData data, int character) =>
        data.ClassOf(character) == 0 && !data.IsSecond(character) &&
        character is not (>= VowelBase and < VowelBase + VowelCount) and not (> TrailBase and < TrailBase + TrailCount);

    private static void Decompose(CanonicalData data, int character, List<int> output)
    {
        int syllable = character - SyllableBase;
        if (syllable is >= 0 and < SyllableCount)
        {
            output.Add(LeadBase + syllable / (VowelCount * TrailCount));
            output.Add(VowelBase + syllable % (VowelCount * TrailCount) / TrailCount);
            if (syllable % TrailCount != 0)
                output.Add(TrailBase + syllable % TrailCount);
        }
        else if (data.DecompositionOf(character) is { } parts)
        {
            foreach (int part in parts)
                Decompose(data, part, output);
        }
        else
        {
            output.Add(character);
        }
    }

    /// <summary>Sorts each run of marks by combining class, marks of one class in their order.</summary>
    private static void Reorder(CanonicalData data, List<int> characters)
    {
        for (int start = 0; start < characters.Count; start++)
        {
            int end = start;
            while (end < characters.Count && data.ClassOf(characters[end]) != 0)
                end++;
            if (end - start < 2)
                continue;
            List<int> sorted = [.. characters.GetRange(start, end - start).OrderBy(data.ClassOf)];
            for (int i = start; i < end; i++)
                characters[i] = sorted[i - start];
            start = end;
        }
    }

    private static void Recompose(CanonicalData data, List<int> characters)
    {
        int starter = -1, kept = 0, lastClass = 0;
        for (int i = 0; i < characters.Count; i++)
        {
            int character = characters[i], combiningClass = data.ClassOf(character);
            bool blocked = starter < 0 || (lastClass != 0 && lastClass >= combiningClass) || (lastClass == 0 && kept - 1 != starter);
            if (!blocked && TryCompose(data, characters[starter], character, out int composed))
            {
                characters[starter] = composed;
                continue;
            }
            if (combiningClass == 0)
                starter = kept;
            lastClass = combiningClass;
            characters[kept++] = character;
        }
        characters.RemoveRange(kept, characters.Count - kept);
    }

    private static bool TryCompose(CanonicalData data, int first, int second, out int composed)
    {
        int lead = first - LeadBase, vowel = second - VowelBase, trail = second - TrailBase, syllable = first - SyllableBase;
        if (lead is >= 0 and < LeadCount && vowel is >= 0 and < VowelCount)
            composed = SyllableBase + (lead * VowelCount + vowel) * TrailCount;
        else if (syllable is >= 0 and < SyllableCount && syllable % TrailCount == 0 && trail is > 0 and < TrailCount)
            composed = first + trail;
        else
            return data.TryCompose(first, second, out composed);
        return true;
    }

    private static SearchValues<char> Involved()
    {
        HashSet<char> characters = new();
        foreach (int code in CanonicalData.Instance.Involved)
            characters.Add(new Rune(code).ToString()[0]);
        for (int code = VowelBase; code < VowelBase + VowelCount; code++)
            characters.Add((char)code);
        for (int code = TrailBase + 1; code < TrailBase + TrailCount; code++)
            characters.Add((char)code);
        return SearchValues.Create([.. characters]);
    }
}

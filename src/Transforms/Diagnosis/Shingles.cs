using System.Numerics;
using System.Runtime.InteropServices;

namespace MiniMind.MLNet.Dpo.Transforms.Diagnosis;

/// <summary>The runs of three words that a text is made of, as hashes; upper and lower case, punctuation and white space aside.</summary>
internal static class Shingles
{
    private const ulong Offset = 14695981039346656037, Prime = 1099511628211; // FNV-1a

    /// <summary>Appends the hashes of a text's shingles, in order, with repetitions.</summary>
    /// <param name="text">The text; one of fewer than three words is one shingle, and one without a word none.</param>
    /// <param name="salt">Keeps the shingles of different parts of a pair apart.</param>
    /// <param name="output">Where to.</param>
    public static void Append(string text, uint salt, List<uint> output)
    {
        ulong first = 0, second = 0, word = Offset;
        int words = 0;
        bool inWord = false;
        void End()
        {
            words++;
            if (words >= 3)
                output.Add(Hash(first, second, word, salt));
            (first, second, word, inWord) = (second, word, Offset, false);
        }
        foreach (char character in text)
        {
            bool isAlone = IsAlone(character);
            if (inWord && (isAlone || !char.IsLetterOrDigit(character)))
                End();
            if (!isAlone && !char.IsLetterOrDigit(character))
                continue;
            word = (word ^ char.ToLowerInvariant(character)) * Prime;
            inWord = true;
            if (isAlone)
                End();
        }
        if (inWord)
            End();
        if (words is 1 or 2)
            output.Add(Hash(words, first, second, salt));
    }

    /// <summary>The different shingles of a text, in ascending order.</summary>
    public static uint[] Of(string text)
    {
        List<uint> all = [];
        Append(text, 0, all);
        Span<uint> sorted = CollectionsMarshal.AsSpan(all);
        sorted.Sort();
        int count = 0;
        foreach (uint shingle in sorted)
        {
            if (count == 0 || sorted[count - 1] != shingle)
                sorted[count++] = shingle;
        }
        return sorted[..count].ToArray();
    }

    /// <summary>The Jaccard similarity: what both have over what either has; 1 where neither has any.</summary>
    /// <param name="one">In ascending order.</param>
    /// <param name="other">In ascending order.</param>
    public static double Similarity(uint[] one, uint[] other)
    {
        int shared = 0;
        for (int i = 0, j = 0; i < one.Length && j < other.Length;)
        {
            if (one[i] == other[j])
                (shared, i, j) = (shared + 1, i + 1, j + 1);
            else if (one[i] < other[j])
                i++;
            else
                j++;
        }
        int either = one.Length + other.Length - shared;
        return either == 0 ? 1 : (double)shared / either;
    }

    // signs that are words by themselves: ideographs, kana, and signs of sums and programs
    private static bool IsAlone(char character) =>
        character is >= '\u3040' and <= '\u30FF' or >= '\u3400' and <= '\u9FFF' || char.IsSurrogate(character) || char.IsSymbol(character)
            || character is '*' or '/' or '%' or '&';

    private static uint Hash(int words, ulong first, ulong second, uint salt) => Hash((ulong)words, first, second, salt);

    private static uint Hash(ulong first, ulong second, ulong third, uint salt)
    {
        ulong hash = (first ^ salt * Prime) * 0x9E3779B97F4A7C15;
        hash = (BitOperations.RotateLeft(hash, 29) ^ second) * 0xBF58476D1CE4E5B9;
        hash = (BitOperations.RotateLeft(hash, 31) ^ third) * 0x94D049BB133111EB;
        return (uint)(hash >> 32);
    }
}

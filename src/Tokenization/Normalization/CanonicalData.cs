using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;

namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>Unicode's canonical decompositions, compositions and combining classes, from the table that is part of the assembly.</summary>
internal sealed class CanonicalData
{
    private static readonly Lazy<CanonicalData> s_instance = new(() => new CanonicalData());
    private readonly FrozenDictionary<int, byte> _classes;
    private readonly FrozenDictionary<int, int[]> _decompositions;
    private readonly FrozenDictionary<(int First, int Second), int> _compositions;
    private readonly FrozenSet<int> _seconds;

    private CanonicalData()
    {
        Dictionary<int, byte> classes = new();
        Dictionary<int, int[]> decompositions = new();
        Dictionary<(int, int), int> compositions = new();
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("canonical-composition.txt")
            ?? throw new InvalidOperationException("the assembly lacks its canonical-composition.txt");
        using StreamReader reader = new(stream);
        string section = "";
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            if (line.StartsWith('['))
                section = line;
            else if (section == "[class]")
                ReadClass(line, classes);
            else
                ReadDecompositions(line, decompositions, section == "[compose]" ? compositions : null);
        }
        _classes = classes.ToFrozenDictionary();
        _decompositions = decompositions.ToFrozenDictionary();
        _compositions = compositions.ToFrozenDictionary();
        _seconds = compositions.Keys.Select(pair => pair.Item2).ToFrozenSet();
        HashSet<int> composed = compositions.Values.ToHashSet();
        Involved = [.. classes.Keys.Concat(decompositions.Keys.Where(character => !composed.Contains(character))).Concat(_seconds).Distinct()];
    }

    /// <summary>The table, read at its first use.</summary>
    public static CanonicalData Instance => s_instance.Value;

    /// <summary>All characters that a text in NFC either lacks or has only in certain places, Hangul aside.</summary>
    public IReadOnlyList<int> Involved { get; }

    /// <summary>A character's combining class; 0 for a starter.</summary>
    public int ClassOf(int character) => _classes.GetValueOrDefault(character);

    /// <summary>What a character decomposes to in one step, or <see langword="null"/>.</summary>
    public int[]? DecompositionOf(int character) => _decompositions.GetValueOrDefault(character);

    /// <summary>Whether a character composes with some character before it.</summary>
    public bool IsSecond(int character) => _seconds.Contains(character);

    /// <summary>The character that two others compose to.</summary>
    public bool TryCompose(int first, int second, out int composed) => _compositions.TryGetValue((first, second), out composed);

    private static void ReadClass(string line, Dictionary<int, byte> classes)
    {
        int colon = line.IndexOf(':', StringComparison.Ordinal);
        byte value = byte.Parse(line.AsSpan(0, colon), CultureInfo.InvariantCulture);
        foreach (string range in line[(colon + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = range.Split('-');
            for (int character = Hex(ends[0]); character <= Hex(ends[^1]); character++)
                classes[character] = value;
        }
    }

    private static void ReadDecompositions(string line, Dictionary<int, int[]> decompositions, Dictionary<(int, int), int>? compositions)
    {
        foreach (string entry in line.Split(' '))
        {
            string[] sides = entry.Split('=');
            int character = Hex(sides[0]);
            int[] parts = [.. sides[1].Split('+').Select(Hex)];
            decompositions[character] = parts;
            compositions?.Add((parts[0], parts[1]), character);
        }
    }

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

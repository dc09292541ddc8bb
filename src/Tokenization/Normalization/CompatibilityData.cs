using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;

namespace MiniMind.MLNet.Dpo.Tokenization.Normalization;

/// <summary>Unicode's compatibility decompositions, from the table that is part of the assembly.</summary>
internal sealed class CompatibilityData
{
    private static readonly Lazy<CompatibilityData> s_instance = new(() => new CompatibilityData());
    private readonly FrozenDictionary<int, int[]> _decompositions;

    private CompatibilityData()
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("compatibility-decomposition.txt")
            ?? throw new InvalidOperationException("the assembly lacks its compatibility-decomposition.txt");
        using StreamReader reader = new(stream);
        Dictionary<int, int[]> decompositions = new();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
                continue;
            foreach (string entry in line.Split(' '))
            {
                string[] sides = entry.Split('=');
                decompositions.Add(Hex(sides[0]), [.. sides[1].Split('+').Select(Hex)]);
            }
        }
        _decompositions = decompositions.ToFrozenDictionary();
    }

    /// <summary>The table, read at its first use.</summary>
    public static CompatibilityData Instance => s_instance.Value;

    /// <summary>What a character decomposes to in full, or <see langword="null"/> where that is its canonical decomposition, if it has one.</summary>
    public int[]? DecompositionOf(int character) => _decompositions.GetValueOrDefault(character);

    private static int Hex(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}

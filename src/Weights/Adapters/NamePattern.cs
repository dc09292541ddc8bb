using System.Text.RegularExpressions;

namespace MiniMind.MLNet.Dpo.Weights.Adapters;

/// <summary>A pattern of layers' names as PEFT takes them, Python's <c>re.match</c>, matched in a time that does not grow faster than the name.</summary>
internal sealed partial class NamePattern
{
    /// <summary>The most characters of a pattern that is more than a name.</summary>
    public const int MaxCharacters = 1024;

    private readonly string? _name;
    private readonly Regex? _pattern;

    private NamePattern(string? name, Regex? pattern) => (_name, _pattern) = (name, pattern);

    /// <summary>Every name.</summary>
    public static NamePattern Any { get; } = new(null, null);

    /// <summary>Whether it is more than a name.</summary>
    public bool IsExpression => _pattern is not null;

    /// <summary>Makes a pattern.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="ofEnds">Whether it need only fit a name from some dot on (<c>rank_pattern</c>), not the whole (<c>target_modules</c>).</param>
    /// <exception cref="ArgumentException">It is not understood, or might take long.</exception>
    /// <exception cref="NotSupportedException">It looks ahead or back, or at what it has found before.</exception>
    public static NamePattern Of(string text, bool ofEnds)
    {
        if (ofEnds && Name().IsMatch(text)) return new NamePattern(text, null);
        if (text.Length > MaxCharacters) throw new ArgumentException($"it has {text.Length} characters, and at most {MaxCharacters} are read.");
        if (text.Contains('{', StringComparison.Ordinal)) throw new ArgumentException("it counts repetitions in braces, which can make it very large.");
        // this engine tries nothing twice: nobody's pattern can hold a program up
        RegexOptions linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;
        return new NamePattern(null, new Regex(ofEnds ? $@"\A(?:.*\.)?(?:{text})\z" : $@"\A(?:{text})\z", linear));
    }

    /// <summary>Whether a layer's name fits.</summary>
    public bool Fits(string module) => _pattern?.IsMatch(module) ?? (_name is null || Modeling.Adapters.TargetNames.Ends(module, _name));

    [GeneratedRegex(@"\A[A-Za-z0-9_.]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}

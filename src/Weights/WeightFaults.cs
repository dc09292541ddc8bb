using System.Globalization;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Collects the tensors of a file that no network can compute with: NaN, infinities, and magnitudes whose squares overflow.</summary>
internal sealed class WeightFaults
{
    /// <summary>
    /// The magnitude from which on a weight is refused: the square of anything larger overflows single precision, and no trained weight comes near.
    /// </summary>
    public const float TooLarge = 9.223372e18f; // 2^63

    /// <summary>What to do about weights that were loaded by an app.</summary>
    public const string Advice = $"Take an earlier checkpoint; to look into this one, set {nameof(ModelLoadOptions.AllowNonFiniteWeights)}";

    private const int Listed = 10;

    private readonly List<string> _faults = [];
    private string _first = "";
    private int _count;

    /// <summary>Takes a tensor into account.</summary>
    /// <param name="name">Its name in the file.</param>
    /// <param name="view">Where it came from.</param>
    /// <param name="magnitude">Its numbers as they were read.</param>
    public void Add(string name, WeightView view, WeightMagnitude magnitude)
    {
        if (magnitude.IsFinite && magnitude.Largest < TooLarge)
            return;
        if (_count++ == 0)
            _first = name;
        if (_count <= Listed)
            _faults.Add($"'{name}' ({view}) has {Describe(view, magnitude)}");
    }

    /// <summary>Refuses the file if there was any.</summary>
    /// <param name="path">The file.</param>
    /// <param name="advice">What to do.</param>
    /// <exception cref="WeightFileException">There was; the message has each tensor's name and counts.</exception>
    public void ThrowIfAny(string path, string advice)
    {
        if (_count == 0)
            return;
        string rest = _count > Listed ? $"; and {_count - Listed} more tensors" : "";
        throw new WeightFileException(path, _count == 1 ? $"tensor '{_first}'" : $"{_count} tensors",
            $"weights that are not finite numbers: {string.Join("; ", _faults)}{rest}. A network computes nothing with them: its training diverged, or the " +
                $"file is damaged. {advice}");
    }

    private static string Describe(WeightView view, WeightMagnitude magnitude)
    {
        List<string> parts = [];
        if (magnitude.NotNumbers > 0)
            parts.Add($"{magnitude.NotNumbers} NaN");
        if (magnitude.Infinities > 0)
            parts.Add($"{magnitude.Infinities} infinite{(view.Type == ScalarType.Float64 ? " (or beyond the range of Float32)" : "")}");
        if (parts.Count == 0)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"a magnitude of {magnitude.Largest:G3}, and at most {TooLarge:G3} can be computed with"));
        string of = magnitude.IsFinite ? "" : $" of {view.ElementCount}";
        return string.Join(" and ", parts) + of;
    }
}

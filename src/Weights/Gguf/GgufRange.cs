using System.Globalization;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights.Gguf;

/// <summary>The range of a file's formats: a number beyond it would become an infinity, or a block nonsense, without a word.</summary>
internal static class GgufRange
{
    // halfway from the largest number to the next: from there on rounding gives infinity
    private const float AboveFloat16 = 65_520, AboveBFloat16 = 3.3961775e38f;

    /// <summary>Refuses weights that their formats cannot hold.</summary>
    /// <exception cref="InvalidOperationException">There are such; the message names their tensors.</exception>
    public static void Check(IEnumerable<GgufTensor> tensors)
    {
        List<string> beyond = [];
        using IDisposable noGradient = no_grad();
        foreach (GgufTensor tensor in tensors.Where(tensor => tensor.Type != GgufTensorType.F32))
        {
            if (tensor.Sources.Select(source => Fault(source, tensor.Type)).FirstOrDefault(fault => fault is not null) is { } fault)
                beyond.Add($"'{tensor.Name}' {fault}");
        }
        if (beyond.Count == 0)
            return;
        throw new InvalidOperationException(
            $"{beyond.Count} tensors have weights that the type asked for cannot hold: {string.Join(", ", beyond.Take(5))}. Save as {GgufType.F32}.");
    }

    private static string? Fault(Tensor source, GgufTensorType type)
    {
        using Tensor here = source.cpu();
        using Tensor packed = here.contiguous();
        WeightMagnitude magnitude = packed.Magnitude();
        if (!magnitude.IsFinite)
            return type == GgufTensorType.Q8Block ? "with numbers that are not finite" : null; // the others keep what they are
        float bound = type switch { GgufTensorType.F16 => AboveFloat16, GgufTensorType.BF16 => AboveBFloat16, _ => Q8Block.Limit };
        return magnitude.Largest >= bound ? string.Create(CultureInfo.InvariantCulture, $"up to {magnitude.Largest:G6}") : null;
    }
}

using System.Globalization;
using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>The range of the types that weights are saved in: a number beyond it would become an infinity without a word.</summary>
internal static class WeightRange
{
    // halfway from the largest number to the next: from there on rounding gives infinity
    private const float AboveFloat16 = 65_520, AboveBFloat16 = 3.3961775e38f;

    /// <summary>Refuses weights that would be infinite in the type they are to be saved in; those that are not finite anyway stay what they are.</summary>
    /// <param name="parameters">The weights by name.</param>
    /// <param name="precision">The type.</param>
    /// <exception cref="InvalidOperationException">There are such; the message names their tensors.</exception>
    public static void Check(IReadOnlyDictionary<string, Tensor> parameters, WeightPrecision precision)
    {
        if (precision == WeightPrecision.Float32)
            return;
        float bound = precision == WeightPrecision.Float16 ? AboveFloat16 : AboveBFloat16;
        List<string> beyond = [];
        using IDisposable noGradient = no_grad();
        foreach ((string name, Tensor tensor) in parameters)
        {
            using Tensor here = tensor.cpu();
            using Tensor packed = here.contiguous();
            WeightMagnitude magnitude = packed.Magnitude();
            if (magnitude.IsFinite && magnitude.Largest >= bound)
                beyond.Add(string.Create(CultureInfo.InvariantCulture, $"'{name}' up to {magnitude.Largest:G6}"));
        }
        if (beyond.Count == 0)
            return;
        throw new InvalidOperationException(
            $"{precision} cannot hold the weights of {beyond.Count} tensors, which would become infinite: {string.Join(", ", beyond.Take(5))}."
            + $" Save the model as {(precision == WeightPrecision.Float16 ? $"{WeightPrecision.BFloat16} or " : "")}{WeightPrecision.Float32}.");
    }
}

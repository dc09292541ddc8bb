using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>A tensor as a file is going to hold it: one, or several whose rows stand behind each other.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Parts">The tensors.</param>
internal readonly record struct StoredTensor(string Name, IReadOnlyList<Tensor> Parts)
{
    /// <summary>Its shape.</summary>
    public long[] Shape => Parts.Count == 1 ? Parts[0].shape : [Parts.Sum(part => part.shape[0]), .. Parts[0].shape[1..]];

    /// <summary>How many elements it has.</summary>
    public long Elements => Parts.Sum(part => part.NumberOfElements);

    /// <summary>One tensor as it is.</summary>
    public static StoredTensor Of(KeyValuePair<string, Tensor> tensor) => new(tensor.Key, [tensor.Value]);
}

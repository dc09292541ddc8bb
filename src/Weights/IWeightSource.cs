namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Named tensors in one or more files: opened and checked, but read only when asked for.</summary>
/// <remarks>The views read from the source's files: they are of no use after it is disposed.</remarks>
internal interface IWeightSource : IDisposable
{
    /// <summary>The file that was opened, for messages.</summary>
    string Path { get; }

    /// <summary>The tensors by name.</summary>
    IReadOnlyDictionary<string, WeightView> Tensors { get; }
}

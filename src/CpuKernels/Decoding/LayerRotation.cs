namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>By which tables a layer rotates queries and keys.</summary>
public enum LayerRotation
{
    /// <summary>It does not.</summary>
    None,

    /// <summary>By those of all layers.</summary>
    Global,

    /// <summary>By those of layers with frequencies of their own.</summary>
    Local,
}

namespace MiniMind.MLNet.Dpo.CpuKernels.Decoding;

/// <summary>The widths of what a pass computes of each row.</summary>
/// <param name="Hidden">The residual stream.</param>
/// <param name="Queries">Query heads times D.</param>
/// <param name="Keys">Key-value heads times D.</param>
/// <param name="Intermediate">The feed-forward layers, or the widest experts.</param>
/// <param name="Rotated">What is rotated of a head.</param>
/// <param name="Experts">Experts of a layer; 0 for a dense model.</param>
public readonly record struct DecodingWidths(int Hidden, int Queries, int Keys, int Intermediate, int Rotated, int Experts);

namespace MiniMind.MLNet.Dpo.Training.Optimization;

/// <summary>Where one parameter lies in the flat buffers.</summary>
/// <param name="Name">The parameter's name in its module, as in a checkpoint.</param>
/// <param name="Offset">The index of its first element in the buffer, a multiple of <see cref="FlatBuffer.Alignment"/>.</param>
/// <param name="Length">Its number of elements.</param>
/// <param name="Shape">Its shape; the slice is contiguous in this shape.</param>
/// <param name="Decays">Whether weight decay applies to it.</param>
internal sealed record ParameterSlice(string Name, long Offset, long Length, IReadOnlyList<long> Shape, bool Decays);

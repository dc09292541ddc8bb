using static TorchSharp.torch;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>A storage of a checkpoint: an entry of its archive, read as elements of one type.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="Count">How many there are; they fill the entry exactly.</param>
internal sealed record StorageReference(ZipEntry Entry, ScalarType Type, long Count);

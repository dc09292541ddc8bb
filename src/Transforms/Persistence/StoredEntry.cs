namespace MiniMind.MLNet.Dpo.Transforms.Persistence;

/// <summary>An entry that is read once from start to end.</summary>
/// <param name="Stream">Its bytes; it cannot seek and is closed by the reader.</param>
/// <param name="Length">How many bytes it has.</param>
/// <param name="Checksum">The CRC-32 of the bytes as they were written; whoever reads them checks it, the zip archive does not.</param>
internal readonly record struct StoredEntry(Stream Stream, long Length, uint Checksum);

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>A stored (uncompressed) entry of a zip archive.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="Offset">Byte offset of its first byte of data in the archive.</param>
/// <param name="Length">Bytes of data.</param>
internal sealed record ZipEntry(string Name, long Offset, long Length);

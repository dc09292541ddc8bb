namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Opens weights of any known format.</summary>
internal static class WeightFile
{
    /// <summary>The name of the index of a safetensors model in several files.</summary>
    public const string IndexSuffix = ".index.json";

    // The opening of torch's format before version 1.6: protocol 2, then its magic number as a 10-byte integer.
    private static ReadOnlySpan<byte> LegacyOpening => [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>Opens a safetensors file, a safetensors index, or a zip checkpoint of torch.</summary>
    /// <param name="path">The file; what it holds decides, not what it is called.</param>
    /// <param name="options">Whether the files that an index names may be links out of its folder; <paramref name="path"/> itself may be, as the caller names
    /// it.</param>
    /// <returns>The tensors; the caller disposes.</returns>
    /// <exception cref="WeightFileException">The file is none of these, or not a valid one.</exception>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    public static IWeightSource Open(string path, ModelLoadOptions? options = null)
    {
        if (path.EndsWith(IndexSuffix, StringComparison.Ordinal))
            return SafetensorsIndexReader.Open(path, options);
        byte[] opening = new byte[16];
        using (FileByteSource source = FileByteSource.Open(path))
        {
            opening = opening[..(int)Math.Min(opening.Length, source.Length)];
            source.Read(0, opening);
        }
        if (opening.AsSpan().StartsWith("PK"u8))
            return PthReader.Open(path);
        if (opening.AsSpan().StartsWith(LegacyOpening))
        {
            throw new WeightFileException(path, "byte 0", "the file is in torch's format from before version 1.6;"
                + " convert it once in Python with torch.save(torch.load(path, weights_only=True), path)");
        }

        if (opening.AsSpan().StartsWith("version https://"u8))
        {
            throw new WeightFileException(path, "byte 0",
                "the file is a Git LFS pointer that stands in for the weights; fetch them with 'git lfs pull', or download the file itself");
        }

        if (path.EndsWith(".safetensors", StringComparison.Ordinal) || (opening.Length > 8 && opening[8] == (byte)'{'))
            return SafetensorsReader.Open(path);
        if (opening.AsSpan().StartsWith("GGUF"u8))
            throw new WeightFileException(path, "byte 0", FolderDiagnosis.Gguf);
        throw new WeightFileException(path, "byte 0", "neither a zip archive of torch.save nor a safetensors file begins like this");
    }
}

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Reads the small files of a model folder: regular ones only, never past their limit, and no links out of the folder.</summary>
internal static class ModelFile
{
    /// <summary>Reads a whole file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="maxBytes">The most that it may have.</param>
    /// <param name="options">Whether links may leave the folder; <see langword="null"/> for the defaults.</param>
    /// <exception cref="InvalidDataException">It is no regular file, a link out of its folder, or larger; the message says which.</exception>
    /// <exception cref="IOException">It cannot be read, or is not there.</exception>
    public static byte[] Read(string path, int maxBytes, ModelLoadOptions? options = null)
    {
        Check(path, options);
        return RegularFile.ReadAllBytes(path, maxBytes);
    }

    /// <summary>Refuses what is a link out of its folder; pipes, devices and folders are left to the opening, which names their kind.</summary>
    /// <exception cref="InvalidDataException">It is such a link.</exception>
    public static void Check(string path, ModelLoadOptions? options)
    {
        if (RegularFile.KindOf(path) is null)
            FolderLinks.Check(path, options?.AllowLinksOutsideFolder ?? false);
    }
}

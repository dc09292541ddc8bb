namespace MiniMind.MLNet.Dpo.Tests.Persistence;

/// <summary>Deletes folders that ML.NET has used as its place for temporary files.</summary>
internal static class ModelFolders
{
    /// <summary>
    /// Deletes after ML.NET's finalizers: a reader of a damaged zip removes its own folder in one, and two at once would each find the other's half done.
    /// </summary>
    public static void Delete(string path)
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (DirectoryNotFoundException) when (Directory.Exists(path))
        {
            // A reader that was still referenced above: what it removed meanwhile is gone, and the rest goes now.
            GC.WaitForPendingFinalizers();
            Directory.Delete(path, recursive: true);
        }
    }
}

using System.IO.Compression;
using Microsoft.ML;
using MiniMind.MLNet.Dpo.Tests.Transforms.Combinations;

namespace MiniMind.MLNet.Dpo.Tests.Persistence;

/// <summary>A fitted case saved to a file in a folder of its own, with a context whose temporary files go there too.</summary>
internal sealed class SavedModel : IDisposable
{
    public SavedModel(TransformCase tested)
    {
        Folder = Directory.CreateTempSubdirectory("saved-model-").FullName;
        TempFolder = Directory.CreateDirectory(System.IO.Path.Combine(Folder, "temp")).FullName;
        Context = new MLContext(seed: 1) { TempFilePath = TempFolder };
        Data = tested.Load(Context);
        Transformer = tested.Estimator(Context).Fit(Data);
        Context.Model.Save(Transformer, Data.Schema, Path);
    }

    public MLContext Context { get; }

    public IDataView Data { get; }

    public ITransformer Transformer { get; }

    public string Folder { get; }

    /// <summary>Where ML.NET puts temporary files.</summary>
    public string TempFolder { get; }

    public string Path => PathOf("model.zip");

    /// <summary>A file in the folder.</summary>
    public string PathOf(string name) => System.IO.Path.Combine(Folder, name);

    public ITransformer Load() => Context.Model.Load(Path, out _);

    /// <summary>Changes the file: the entries whose path fits.</summary>
    public void Edit(Func<string, bool> which, Action<ZipArchiveEntry> edit)
    {
        using ZipArchive archive = ZipFile.Open(Path, ZipArchiveMode.Update);
        List<ZipArchiveEntry> entries = [.. archive.Entries.Where(e => which(e.FullName))];
        entries.Should().NotBeEmpty("a test that edits nothing tests nothing");
        foreach (ZipArchiveEntry entry in entries)
            edit(entry);
    }

    public void Dispose() => ModelFolders.Delete(Folder);
}

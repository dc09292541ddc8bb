using System.Text;

namespace MiniMind.MLNet.Dpo.Weights;

/// <summary>Reads the tensors of a checkpoint that <c>torch.save</c> wrote in its zip format; nothing in the file is executed.</summary>
/// <remarks>The archive holds one folder with <c>data.pkl</c>, <c>byteorder</c>, <c>version</c> and the storages <c>data/0</c>, <c>data/1</c>, ...</remarks>
internal sealed class PthReader : IWeightSource
{
    private const int MaxVersion = 10;

    private readonly FileByteSource _source;

    private PthReader(FileByteSource source)
    {
        _source = source;
        Dictionary<string, ZipEntry> entries = ZipDirectory.Read(source);
        string folder = FindFolder(entries);
        CheckMarks(entries, folder);
        TorchPickleObjects objects = new(source, key => entries.GetValueOrDefault($"{folder}/data/{key}"));
        byte[] pickle = ReadEntry(entries[$"{folder}/data.pkl"], PickleReader.MaxBytes);
        Tensors = FindStateDict(new PickleReader(pickle, source.Path, objects).Read());
    }

    /// <inheritdoc/>
    public string Path => _source.Path;

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, WeightView> Tensors { get; }

    /// <summary>Opens a checkpoint: a state dict, or a training state with the state dict under <c>model</c>.</summary>
    /// <exception cref="WeightFileException">It is damaged, or holds anything else.</exception>
    public static PthReader Open(string path)
    {
        FileByteSource source = FileByteSource.Open(path);
        try
        {
            return new PthReader(source);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _source.Dispose();

    private string FindFolder(Dictionary<string, ZipEntry> entries)
    {
        string[] folders = [.. entries.Keys.Select(name => name.Split('/')[0]).Distinct().Take(2)];
        if (folders.Length != 1)
            throw _source.Fail("archive", folders.Length == 0 ? "it is empty" : $"it has the folders '{folders[0]}' and '{folders[1]}'; torch.save writes one");
        if (entries.ContainsKey($"{folders[0]}/constants.pkl"))
        {
            throw _source.Fail($"entry '{folders[0]}/constants.pkl'",
                "this is a TorchScript program, not a state dict: save model.state_dict() with torch.save");
        }

        if (!entries.ContainsKey($"{folders[0]}/data.pkl"))
            throw _source.Fail("archive", $"it has no '{folders[0]}/data.pkl', so torch.save did not write it");
        return folders[0];
    }

    private void CheckMarks(Dictionary<string, ZipEntry> entries, string folder)
    {
        if (entries.TryGetValue($"{folder}/byteorder", out ZipEntry? order) && Text(order) is not "little" and string found)
            throw _source.Fail($"entry '{order.Name}'", $"the numbers are in '{found}' byte order; only 'little' is read");
        if (entries.TryGetValue($"{folder}/version", out ZipEntry? version)
            && !(int.TryParse(Text(version), out int number) && number is > 0 and <= MaxVersion))
        {
            throw _source.Fail($"entry '{version.Name}'", $"format version '{Text(version)}'; known are 1 to {MaxVersion}");
        }
    }

    private string Text(ZipEntry entry) => Encoding.Latin1.GetString(ReadEntry(entry, 64)).Trim();

    private byte[] ReadEntry(ZipEntry entry, int most)
    {
        if (entry.Length > most)
            throw _source.Fail($"entry '{entry.Name}'", $"it has {entry.Length} bytes; at most {most} are allowed");
        byte[] bytes = new byte[entry.Length];
        _source.Read(entry.Offset, bytes);
        return bytes;
    }

    private Dictionary<string, WeightView> FindStateDict(object root)
    {
        if (root is not PickleDictionary top)
            throw _source.Fail("data.pkl", $"it holds {PickleReader.Describe(root)} instead of a dict of tensors");
        PickleDictionary[] nested = [.. top.Items.Where(item => item.Key is "model").Select(item => item.Value).OfType<PickleDictionary>()];
        if (nested.Length > 1)
            throw _source.Fail("data.pkl", "the entry 'model' is there twice");
        string prefix = nested.Length == 1 ? "model: " : "";

        Dictionary<string, WeightView> tensors = [];
        foreach ((object key, object value) in (nested.Length == 1 ? nested[0] : top).Items)
        {
            if (key is not string name || value is not WeightView view)
            {
                throw _source.Fail(
                    "data.pkl",
                    $"{prefix}entry '{key}' is {PickleReader.Describe(value)}; expected are tensors under text keys, or a training state with such a dict " +
                    "under 'model'");
            }

            if (!tensors.TryAdd(name, view))
                throw _source.Fail("data.pkl", $"{prefix}tensor '{name}' is there twice");
        }
        return tensors;
    }
}

using System.Text;
using System.Text.Json;
using MiniMind.MLNet.Dpo.Data;

namespace MiniMind.MLNet.Dpo.Judging;

/// <summary>A file of the replies that said a letter, one JSON object a line, kept open by one comparison at a time. Thread-safe.</summary>
internal sealed class VerdictCache : IDisposable
{
    private const int MostBytes = 1 << 30;
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web);

    private readonly Lock _change = new();
    private readonly Dictionary<string, ShownAnswer> _verdicts = new(StringComparer.Ordinal);
    private readonly FileStream _file;

    /// <summary>Opens the file, or makes it.</summary>
    /// <exception cref="InvalidDataException">A line is none that was written here, or the path leads to no regular file.</exception>
    /// <exception cref="IOException">It cannot be opened, or another comparison has it open.</exception>
    public VerdictCache(string path)
    {
        RegularFile.Check(path);
        _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        try
        {
            _file.SetLength(Read(path)); // a line that could not be written whole is gone
            _file.Seek(0, SeekOrigin.End);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <summary>The reply that is known by a key; none where there is none.</summary>
    public ShownAnswer Find(string key)
    {
        lock (_change)
            return _verdicts.GetValueOrDefault(key);
    }

    /// <summary>Keeps a reply.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Add(string key, ShownAnswer verdict)
    {
        lock (_change)
        {
            if (!_verdicts.TryAdd(key, verdict))
                return;
            _file.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new Line(key, verdict == ShownAnswer.First ? "A" : "B"), s_json) + "\n"));
        }
    }

    /// <inheritdoc />
    public void Dispose() => _file.Dispose();

    private long Read(string path)
    {
        if (_file.Length > MostBytes)
            throw new InvalidDataException($"'{path}' has {_file.Length} bytes; at most {MostBytes} are read.");
        byte[] bytes = new byte[_file.Length];
        _file.ReadExactly(bytes);
        int start = 0;
        for (int number = 1; bytes.AsSpan(start).IndexOf((byte)'\n') is var length and >= 0; number++, start += length + 1)
            Take(bytes.AsSpan(start, length), $"{path}:{number}");
        return start;
    }

    private void Take(ReadOnlySpan<byte> line, string place)
    {
        Line? read = null;
        try
        {
            read = JsonSerializer.Deserialize<Line>(line, s_json);
        }
        catch (JsonException)
        {
            // said below
        }
        if (read is not { Key.Length: 64, Letter: "A" or "B" })
            throw new InvalidDataException($"{place}: it is no line of a file of replies; name a file that a comparison wrote, or one that is not there yet.");
        _verdicts[read.Key] = read.Letter == "A" ? ShownAnswer.First : ShownAnswer.Second;
    }

    private sealed record Line(string Key, string Letter);
}

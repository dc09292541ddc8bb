namespace MiniMind.MLNet.Dpo.Tokenization;

/// <summary>Reads the parts of a tokenizer file one after the other, so that one error names all that is not supported.</summary>
/// <param name="file">The file's name, with which every part's error begins.</param>
internal sealed class FaultList(string file)
{
    private const int Listed = 10;
    private readonly List<string> _faults = [];

    /// <summary>Whether there was any.</summary>
    public bool Any => _faults.Count > 0;

    /// <summary>Reads a part; where that fails, notes the fault.</summary>
    /// <returns>What was read, or the default.</returns>
    public T? Try<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException failure)
        {
            Add(failure);
            return default;
        }
    }

    /// <summary>Notes a fault.</summary>
    public void Add(InvalidDataException failure) => _faults.Add(failure.Message);

    /// <summary>Refuses the file if there was any.</summary>
    /// <param name="advice">What is said after several faults.</param>
    /// <exception cref="InvalidDataException">There was; the message has all of them.</exception>
    public void ThrowIfAny(string advice)
    {
        if (_faults.Count == 0)
            return;
        if (_faults.Count == 1)
            throw new InvalidDataException(_faults[0]);
        string prefix = file + ": ";
        IEnumerable<string> all = _faults.Take(Listed).Select(
            fault => (fault.StartsWith(prefix, StringComparison.Ordinal) ? fault[prefix.Length..] : fault).TrimEnd('.'));
        string rest = _faults.Count > Listed ? $"; and {_faults.Count - Listed} more" : "";
        throw new InvalidDataException($"{prefix}{_faults.Count} things are not supported: {string.Join("; ", all)}{rest}. {advice}");
    }
}

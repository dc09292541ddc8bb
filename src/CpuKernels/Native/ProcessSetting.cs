namespace MiniMind.MLNet.Dpo.CpuKernels.Native;

/// <summary>
/// A setting of the whole process that several runs want at once: the last of them to end puts back what was there before the first, in whatever order they
/// begin and end.
/// </summary>
/// <remarks>What anyone else sets meanwhile is overwritten by the next beginning or end. Thread-safe.</remarks>
/// <typeparam name="T">The setting's type.</typeparam>
/// <param name="read">Reads the setting.</param>
/// <param name="write">Writes it.</param>
/// <param name="ruling">Which of the wanted values rules while several are wanted; they come in the order in which they were.</param>
public sealed class ProcessSetting<T>(Func<T> read, Action<T> write, Func<IReadOnlyList<T>, T> ruling)
{
    private readonly Lock _change = new();
    private readonly List<Hold> _holds = [];
    private T? _original;

    /// <summary>Whether any value is wanted now.</summary>
    internal bool IsHeld
    {
        get
        {
            lock (_change)
                return _holds.Count > 0;
        }
    }

    /// <summary>What was there before the first: what a value stands for that is the one that rules now, and the value itself otherwise.</summary>
    internal T BehindRuling(T value)
    {
        lock (_change)
            return _holds.Count > 0 && EqualityComparer<T>.Default.Equals(value, Ruling()) ? _original! : value;
    }

    /// <summary>Wants a value until the result is disposed, on any thread; a second disposal does nothing.</summary>
    public IDisposable Want(T value)
    {
        lock (_change)
        {
            if (_holds.Count == 0)
                _original = read();
            Hold hold = new(this, value);
            _holds.Add(hold);
            try
            {
                write(Ruling());
            }
            catch
            {
                _holds.Remove(hold);
                throw;
            }
            return hold;
        }
    }

    private T Ruling() => ruling([.. _holds.Select(hold => hold.Value)]);

    private void End(Hold hold)
    {
        lock (_change)
        {
            if (_holds.Remove(hold))
                write(_holds.Count == 0 ? _original! : Ruling());
        }
    }

    private sealed class Hold(ProcessSetting<T> setting, T value) : IDisposable
    {
        public T Value => value;

        public void Dispose() => setting.End(this);
    }
}

using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Estimators;

/// <summary>The newest of several models that follow each other and give the same columns.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ModelSource(ITransformer first) : IDisposable
{
    private readonly Lock _change = new();
    private readonly Dictionary<string, (DataViewSchema Input, DataViewSchema Output)> _asked = [];
    private ModelGeneration? _current = new(first);

    /// <summary>The newest model, to be used until it is released.</summary>
    /// <exception cref="ObjectDisposedException">There is none any more.</exception>
    public ModelGeneration Use()
    {
        while (true)
        {
            ModelGeneration current = Volatile.Read(ref _current) ?? throw Gone();
            if (current.TryUse())
                return current;
        }
    }

    /// <summary>What the model makes of an input, which every later one must make of it too.</summary>
    public DataViewSchema OutputSchema(DataViewSchema input)
    {
        ModelGeneration current = Use();
        try
        {
            DataViewSchema output = current.Model.GetOutputSchema(input);
            lock (_change)
                _asked.TryAdd(string.Join('\n', input.Select(column => $"{column.Name}: {column.Type}")), (input, output));
            return output;
        }
        finally
        {
            current.Release();
        }
    }

    /// <summary>Takes a newer model over; the one before is disposed when nobody uses it.</summary>
    /// <exception cref="InvalidDataException">It does not give what the one before gave; it stays the caller's.</exception>
    public void Replace(ITransformer next)
    {
        (DataViewSchema Input, DataViewSchema Output)[] asked;
        lock (_change)
            asked = [.. _asked.Values];
        foreach ((DataViewSchema input, DataViewSchema output) in asked)
            RequireSame(output, next.GetOutputSchema(input));
        ModelGeneration? before;
        lock (_change)
        {
            before = _current is null ? throw Gone() : Interlocked.Exchange(ref _current, new ModelGeneration(next));
        }
        before!.Release();
    }

    /// <summary>Lets go of the model.</summary>
    public void Dispose()
    {
        ModelGeneration? last;
        lock (_change)
            last = Interlocked.Exchange(ref _current, null);
        last?.Release();
    }

    private static ObjectDisposedException Gone() => new("WatchedModel", "The model is watched no more.");

    private static void RequireSame(DataViewSchema before, DataViewSchema now)
    {
        foreach (DataViewSchema.Column column in before)
        {
            if (column.IsHidden || now.GetColumnOrNull(column.Name)?.Type.Equals(column.Type) == true)
                continue;
            string instead = now.GetColumnOrNull(column.Name) is { } other ? $"'{column.Name}' of type {other.Type}" : $"no column '{column.Name}'";
            throw new InvalidDataException($"it gives {instead}, and the model before it '{column.Name}' of type {column.Type}, which is asked for.");
        }
    }
}

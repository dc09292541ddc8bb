using Microsoft.ML.Runtime;

namespace MiniMind.MLNet.Dpo.Data;

/// <summary>Tells the context's log what the rows were taken for: each shape once, with the first line that has it.</summary>
internal sealed class RowShapeLog(IHost host)
{
    private const int MostShapes = 50;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _shapes = new(StringComparer.Ordinal);

    /// <summary>Logs a shape that was not met before.</summary>
    public void Write(string shape, LineLocation at)
    {
        lock (_lock)
        {
            if (_shapes.Count >= MostShapes || !_shapes.Add(shape))
                return;
        }
        using IChannel channel = host.Start("RowShapes");
        channel.Info(MessageSensitivity.None, "{0}", $"{at.Path}:{at.LineNumber}: the rows are taken for: {shape}");
    }
}

using Microsoft.ML;

namespace MiniMind.MLNet.Dpo.Tool.Inputs;

/// <summary>What a context's log says of the shapes that rows were taken for.</summary>
internal sealed class RowShapes
{
    private const string Told = "the rows are taken for: ";

    private readonly Lock _lock = new();
    private readonly List<string> _shapes = [];

    private RowShapes()
    {
    }

    /// <summary>The shapes so far, each with the first line that has it.</summary>
    public IReadOnlyList<string> All
    {
        get
        {
            lock (_lock)
                return [.. _shapes];
        }
    }

    /// <summary>Listens to a context.</summary>
    public static RowShapes Of(MLContext context)
    {
        RowShapes shapes = new();
        context.Log += (_, message) =>
        {
            if (!message.RawMessage.Contains(Told, StringComparison.Ordinal))
                return;
            lock (shapes._lock)
            {
                if (!shapes._shapes.Contains(message.RawMessage))
                    shapes._shapes.Add(message.RawMessage);
            }
        };
        return shapes;
    }
}

using MiniMind.MLNet.Dpo.Tool.Terminal;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace MiniMind.MLNet.Dpo.Tool.Training;

/// <summary>A picture that is written over while training runs.</summary>
/// <param name="console">The terminal.</param>
internal sealed class LiveProgress(ToolConsole console) : IProgressView
{
    private const int MostWarnings = 6;

    private readonly Lock _lock = new();
    private readonly ProgressCurves _curves = new();
    private readonly List<string> _warnings = [];
    private LiveDisplayContext? _display;
    private string? _forecast;

    public void During(Action work) => console.Screen.Live(Picture()).Start(display =>
    {
        _display = display;
        try
        {
            work();
        }
        finally
        {
            _display = null;
        }
    });

    public void Report(DpoProgress value)
    {
        lock (_lock)
            _curves.Add(value);
        Refresh();
    }

    public void Tell(TrainingForecast forecast)
    {
        lock (_lock)
            _forecast = ProgressCurves.Line(forecast);
        Refresh();
    }

    public void Warn(string message)
    {
        lock (_lock)
            _warnings.Add(VisibleText.OneLine(message));
        Refresh();
    }

    private void Refresh()
    {
        lock (_lock)
            _display?.UpdateTarget(Picture());
    }

    // what guards said stays in sight
    private Rows Picture() => new((_forecast is null ? [] : new[] { _forecast }).Concat(_curves.Lines(console.Screen.Profile.Width))
        .Select(line => (IRenderable)new Text(line))
        .Concat(_warnings.TakeLast(MostWarnings).Select(warning => new Text($"warning: {warning}", new Style(Color.Yellow)))));
}

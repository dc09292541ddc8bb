using MiniMind.MLNet.Dpo.Data;
using QuickStart;

// The first Ctrl-C stops after the current step, a second one at once.
using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
};

try
{
    QuickStartOptions options = QuickStartOptions.Parse(args);
    if (options.Help) Console.WriteLine(QuickStartOptions.Usage);
    else await Example.RunAsync(options, stop.Token);
    return 0;
}
catch (OperationCanceledException stopped) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine($"\n{stopped.Message}");
    return 130;
}
catch (Exception fault) when (fault is ArgumentException or IOException or InvalidDataException or InvalidOperationException or PreferenceDataException)
{
    Console.Error.WriteLine(fault.Message);
    return 1;
}

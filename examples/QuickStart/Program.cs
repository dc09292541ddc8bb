using MiniMind.MLNet.Dpo.Data;
using QuickStart;

// The first Ctrl-C ends training after the current step, with what was trained; a second one ends the program at once.
using CancellationTokenSource stop = new();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = !stop.IsCancellationRequested;
    stop.Cancel();
};

const int Interrupted = 130;
try
{
    QuickStartOptions options = QuickStartOptions.Parse(args);
    if (options.Help)
        Console.WriteLine(QuickStartOptions.Usage);
    else
        await Example.RunAsync(options, stop.Token);
    return stop.IsCancellationRequested ? Interrupted : 0;
}
catch (OperationCanceledException stopped) when (stop.IsCancellationRequested)
{
    Console.Error.WriteLine($"\n{stopped.Message}");
    return Interrupted;
}
catch (Exception fault) when (
    fault is ArgumentException or IOException or InvalidDataException or InvalidOperationException or PreferenceDataException or DllNotFoundException)
{
    Console.Error.WriteLine(fault.Message);
    return 1;
}

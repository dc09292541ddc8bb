using GpuCheck;
using MiniMind.MLNet.Dpo.Modeling.Native;

CheckOptions options;
try
{
    TorchNativeLibrary.EnsureLoaded();
    if (args is ["--peer", _, _, _, ..])
        return PeerRun.Run(args[1..]);
    options = CheckOptions.Parse(args);
}
catch (Exception fault) when (fault is DllNotFoundException or ArgumentException or FormatException)
{
    Console.Error.WriteLine(fault.Message);
    return 2;
}
Report report = new(options.Out);
foreach (Stage stage in options.Stages)
    report.Run(stage, options);
report.End();
return report.Good ? 0 : 1;

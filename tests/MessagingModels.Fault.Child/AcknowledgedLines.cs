using System.Text;

namespace MessagingModels.Fault.Child;

/// <summary>Writes whole lines to the parent, each in one write: a killed child leaves at most one line unfinished.</summary>
internal sealed class AcknowledgedLines(Stream output)
{
    private readonly Lock _lock = new();

    public void Write(string line)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(line + "\n");
        lock (_lock)
        {
            output.Write(bytes);
            output.Flush();
        }
    }
}

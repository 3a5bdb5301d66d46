using Twin.Node.Commands;

return await TwinCommand.RunAsync(args);
